"""What a simulated camera does when it is controlled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.viewer import SMALL, ask, login, make_login, read_frame, run, watch
from v380cli.simulator.camera import ALL_ABILITIES
from v380cli.simulator.control_desk import PAN_END, TILT_END, ControlDesk, Position, describe
from v380cli.simulator.options import remove_abilities
from v380cli.wire.abilities import Abilities, ColorMode, Light, Tracking
from v380cli.wire.commands import ControlCommand
from v380cli.wire.control import (
    CONTROL_TYPES,
    PTZ_STOP,
    ColorControl,
    ColorSwitch,
    Control,
    LightControl,
    LightSensitivityControl,
    LightSwitch,
    Orientation,
    OrientationControl,
    PresetAction,
    PresetControl,
    PtzDirection,
    TrackingAction,
    TrackingControl,
    ZoomControl,
    ZoomDirection,
    make_ptz,
    make_tracking,
)
from v380cli.wire.login import LoginReply
from v380cli.wire.presets import list_preset_forms
from v380cli.wire.settings.exchange import SettingLogin


@pytest.fixture
def desk() -> ControlDesk:
    return ControlDesk(ALL_ABILITIES)


def obey(desk: ControlDesk, *controls: Control) -> None:
    for control in controls:
        desk.obey(control.encode())


def test_a_step_is_a_turn_that_ends(desk: ControlDesk) -> None:
    obey(desk, make_ptz(PtzDirection.LEFT, 3), make_ptz(PtzDirection.UP_RIGHT), PTZ_STOP)
    assert desk.state.position == Position(pan=-2, tilt=1)


@pytest.mark.parametrize(
    ("direction", "end"),
    [
        (PtzDirection.UP_LEFT, Position(-PAN_END, TILT_END)),
        (PtzDirection.DOWN_RIGHT, Position(PAN_END, -TILT_END)),
    ],
)
def test_the_motor_has_ends(desk: ControlDesk, direction: PtzDirection, end: Position) -> None:
    obey(desk, *[make_ptz(direction, 5)] * 20)
    assert desk.state.position == end


def test_a_swapped_motor() -> None:
    desk = ControlDesk(ALL_ABILITIES, swapped=True)
    obey(desk, make_ptz(PtzDirection.UP_LEFT))
    assert desk.state.position == Position(pan=1, tilt=1)


def test_abilities_tell_the_state_that_they_are_in(desk: ControlDesk) -> None:
    obey(
        desk,
        LightControl(switch=LightSwitch.OFF, brightness=70),
        ColorControl(switch=ColorSwitch.BLACK_AND_WHITE),
        LightSensitivityControl(sensitivity=3),
        make_tracking(on=True),
    )
    told = desk.tell_abilities()
    assert (told.light, told.color_mode) == (Light.OFF, ColorMode.BLACK_AND_WHITE)
    assert (told.light_sensitivity, told.tracking) == (3, Tracking.ON)
    assert desk.state.brightness == 70
    obey(desk, LightControl(switch=LightSwitch.AUTO))
    assert desk.state.brightness == 70, "0 leaves it"


def test_the_picture_is_turned_over_and_back(desk: ControlDesk) -> None:
    over = OrientationControl(orientation=Orientation.REVERSE)
    seen = []
    for control in (over, over, OrientationControl(orientation=Orientation.LEFT)):
        obey(desk, control)
        seen.append(desk.state.orientation)
    assert seen == [Orientation.DOWN, Orientation.UP, Orientation.LEFT]


def test_zoom_and_home(desk: ControlDesk) -> None:
    obey(desk, ZoomControl(direction=ZoomDirection.OUT), make_ptz(PtzDirection.DOWN, 2))
    obey(desk, ZoomControl(direction=ZoomDirection.IN, step=4))
    obey(desk, TrackingControl(action=TrackingAction.SET_HOME))
    assert desk.state.zoom == 4
    assert desk.state.home == Position(tilt=-2)


def test_a_preset_is_come_back_to(desk: ControlDesk) -> None:
    obey(desk, make_ptz(PtzDirection.LEFT, 4))
    assert desk.edit_preset(PresetAction.SET, 7)
    obey(desk, make_ptz(PtzDirection.RIGHT, 2), PresetControl(preset_id=7))
    assert desk.state.position == Position(pan=-4)
    assert desk.edit_preset(PresetAction.DELETE, 7)
    obey(desk, make_ptz(PtzDirection.RIGHT), PresetControl(preset_id=7))
    assert desk.state.position == Position(pan=-3), "there is no such preset"
    assert not desk.edit_preset(PresetAction.SET, 8)
    assert not desk.edit_preset(99, 1)


@pytest.mark.parametrize("number", ControlCommand)
def test_what_it_cannot_it_does_not(number: ControlCommand) -> None:
    desk = ControlDesk(Abilities())
    obey(desk, CONTROL_TYPES[number].decode(number.to_bytes(4, "little") + b"\xe9\x03" * 6))
    assert not desk.obeyed
    assert not desk.edit_preset(PresetAction.SET, 0)


@given(st.sampled_from(ControlCommand), st.binary(min_size=12, max_size=12))
def test_any_packet_does_no_harm(number: ControlCommand, rest: bytes) -> None:
    desk = ControlDesk(ALL_ABILITIES)
    desk.obey(number.to_bytes(4, "little") + rest)
    assert all(describe(control) for control in desk.obeyed)
    assert desk.tell_abilities().encode()


def test_abilities_are_taken_away_by_name() -> None:
    left = remove_abilities(ALL_ABILITIES, "ptz, color-mode,talk")
    assert (left.ptz, left.color_mode, left.talk, left.light) == (0, 0, 0, Light.AUTO)
    assert remove_abilities(ALL_ABILITIES, "") == ALL_ABILITIES
    with pytest.raises(ValueError, match="light-sensitivity"):
        remove_abilities(ALL_ABILITIES, "wings")


def test_packets_are_cut_out_of_what_a_viewer_sends() -> None:
    with run(SMALL) as camera, watch(camera) as sock:
        data = make_ptz(PtzDirection.LEFT, 2).encode() + bytes.fromhex("8d130000") + bytes(12)
        for byte in data + make_ptz(PtzDirection.DOWN).encode():
            sock.sendall(bytes([byte]))
        while len(camera.controls.obeyed) < 2:
            read_frame(sock)
    assert camera.controls.state.position == Position(pan=-2, tilt=-1)


def test_a_later_log_in_tells_what_has_changed() -> None:
    with run(SMALL) as camera:
        obey(camera.controls, LightControl(switch=LightSwitch.ON))
        reply = LoginReply.decode(ask(camera, make_login()))
    assert Abilities.decode(reply.abilities).light == Light.ON


@pytest.mark.parametrize(("number", "size"), [(329, 32), (129, 64)])
def test_presets_are_edited_by_those_who_may(number: int, size: int) -> None:
    with run(SMALL) as camera:
        who = SettingLogin(
            device_id=SMALL.device_id,
            ticket=login(camera),
            username=SMALL.username,
            password=SMALL.password,
        )
        reply = ask(camera, list_preset_forms(PresetAction.SET, 1)[number](who).data_to_send())
        assert (len(reply), reply[4:8]) == (size, (1001).to_bytes(4, "little"))
        assert camera.controls.state.presets == {1: Position()}
        refused = ask(camera, list_preset_forms(PresetAction.SET, 9)[number](who).data_to_send())
        assert refused[4:8] == (2001).to_bytes(4, "little")
