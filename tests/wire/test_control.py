"""Controls: golden bytes by hand from the table of section 5a, and what each of them needs."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.recorded import read_recorded
from tests.golden.vectors import VECTORS, read_packet
from tests.wire.machines import take_event
from v380cli.errors import LocalProtocolError
from v380cli.models import Secret
from v380cli.wire.abilities import Abilities, Light
from v380cli.wire.control import (
    CONTROL_TYPES,
    HELD_STEP,
    PTZ_STOP,
    Ability,
    AudioControl,
    ColorControl,
    ColorSwitch,
    Control,
    LightControl,
    LightSensitivity,
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
    decode_control,
    find_lacking,
    make_ptz,
    make_tracking,
)
from v380cli.wire.live import AUDIO_OFF, AUDIO_ON
from v380cli.wire.presets import list_preset_forms
from v380cli.wire.settings.exchange import SettingLogin

D = PtzDirection
GOLDEN: dict[str, tuple[Control, str]] = {
    "ptz left 3": (make_ptz(D.LEFT, 3), "aa000000 e803e803 e903e803 00000300"),
    "ptz right": (make_ptz(D.RIGHT), "aa000000 e803e803 ea03e803 00000100"),
    "ptz up 5": (make_ptz(D.UP, 5), "aa000000 e803e803 e803eb03 00000500"),
    "ptz down": (make_ptz(D.DOWN), "aa000000 e803e803 e803ec03 00000100"),
    "ptz up-left": (make_ptz(D.UP_LEFT), "aa000000 e803e803 e903eb03 00000100"),
    "ptz up-right": (make_ptz(D.UP_RIGHT), "aa000000 e803e803 ea03eb03 00000100"),
    "ptz down-left": (make_ptz(D.DOWN_LEFT), "aa000000 e803e803 e903ec03 00000100"),
    "ptz down-right": (make_ptz(D.DOWN_RIGHT), "aa000000 e803e803 ea03ec03 00000100"),
    "ptz left, held": (make_ptz(D.LEFT, HELD_STEP), "aa000000 e803e803 e903e803 00000000"),
    "ptz stop": (PTZ_STOP, "aa000000 e803e803 e803e803 00000000"),
    "preset": (PresetControl(preset_id=4), "ab000000 67000000 04000000 00000000"),
    "orientation": (
        OrientationControl(orientation=Orientation.REVERSE),
        "be000000 e8030000 00000000 00000000",
    ),
    "orientation left": (
        OrientationControl(orientation=Orientation.LEFT),
        "be000000 eb030000 00000000 00000000",
    ),
    "zoom in": (ZoomControl(direction=ZoomDirection.IN), "c3000000 e8030000 01000000 00000000"),
    "zoom out 2": (
        ZoomControl(direction=ZoomDirection.OUT, step=2),
        "c3000000 e9030000 02000000 00000000",
    ),
    "light on": (LightControl(switch=LightSwitch.ON), "c4000000 e9030000 00010000 00000000"),
    "light off": (LightControl(switch=LightSwitch.OFF), "c4000000 ea030000 00010000 00000000"),
    "light auto 80": (
        LightControl(switch=LightSwitch.AUTO, brightness=80, save=0),
        "c4000000 eb030000 50000000 00000000",
    ),
    "colour": (ColorControl(switch=ColorSwitch.COLOR), "c5000000 e9030000 01000000 00000000"),
    "black and white": (
        ColorControl(switch=ColorSwitch.BLACK_AND_WHITE),
        "c5000000 ea030000 01000000 00000000",
    ),
    "colour auto": (ColorControl(switch=ColorSwitch.AUTO), "c5000000 eb030000 01000000 00000000"),
    "sensitivity": (
        LightSensitivityControl(sensitivity=LightSensitivity.HIGH),
        "c6000000 00000000 03000000 00000000",
    ),
    "track on": (make_tracking(on=True), "c7000000 ea030000 4c040000 00000000"),
    "track off": (make_tracking(on=False), "c7000000 ea030000 4d040000 00000000"),
    "track home": (
        TrackingControl(action=TrackingAction.SET_HOME),
        "c7000000 e9030000 00000000 00000000",
    ),
    "audio off": (AudioControl(audio=AUDIO_OFF), "01210000 00000000 00100000 00000000"),
    "audio on": (AudioControl(audio=AUDIO_ON), "01210000 00000000 01100000 00000000"),
}
ALL = Abilities(
    audio=1,
    ptz=1,
    flip=1,
    presets=1,
    light=Light.OFF,
    color_mode=1,
    tracking=2,
    light_sensitivity=1,
    zoom=1,
)


def test_what_real_cameras_obeyed() -> None:
    """One step to the left, and the light on."""
    assert make_ptz(D.LEFT).encode() == read_recorded("ptz-170")
    assert LightControl(switch=LightSwitch.ON).encode() == read_recorded("light-196")


@pytest.mark.parametrize(("control", "golden"), GOLDEN.values(), ids=GOLDEN.keys())
def test_section_5a(control: Control, golden: str) -> None:
    packet = bytes.fromhex(golden)
    assert control.encode() == packet
    assert decode_control(packet) == control


def test_the_bytes_that_were_computed_apart() -> None:
    assert make_ptz(D.LEFT, 3).encode() == read_packet("ptz_left_3")
    save = VECTORS["packets"]["light_on"]["fields"]["save"]
    assert LightControl(switch=LightSwitch.ON, save=save).encode() == read_packet("light_on")


@pytest.mark.parametrize("direction", PtzDirection)
def test_a_swapped_camera_is_told_the_other_side_and_the_same_height(
    direction: PtzDirection,
) -> None:
    swapped, straight = make_ptz(direction, swapped=True), make_ptz(direction)
    assert swapped.tilt == straight.tilt
    assert swapped.pan == {1000: 1000, 1001: 1002, 1002: 1001}[straight.pan]


def test_every_kind_has_a_number_and_a_need() -> None:
    assert {kind.NEEDS for kind in CONTROL_TYPES.values()} == set(Ability)
    assert {ability.value for ability in Ability} <= {
        field.name for field in dataclasses.fields(Abilities)
    }


@pytest.mark.parametrize(("control", "golden"), GOLDEN.values(), ids=GOLDEN.keys())
def test_a_control_is_lacking_with_its_ability_only(control: Control, golden: str) -> None:
    assert control.NEEDS
    assert find_lacking(ALL, control) is None
    missing: dict[str, Any] = {control.NEEDS.value: 0}
    assert find_lacking(dataclasses.replace(ALL, **missing), control) is control.NEEDS
    assert find_lacking(None, control) is None


def test_what_a_camera_did_not_say_is_not_lacking() -> None:
    legacy = Abilities(is_partial=True)
    assert find_lacking(legacy, make_ptz(D.LEFT)) is Ability.PTZ
    assert find_lacking(legacy, LightControl(switch=LightSwitch.ON)) is None
    assert find_lacking(legacy, make_tracking(on=True)) is None


def test_a_packet_that_is_no_control() -> None:
    assert decode_control(bytes.fromhex("8d130000") + bytes(12)) is None  # 5005, a flow report
    assert decode_control(bytes(16)) is None


@given(st.binary(min_size=16, max_size=16))
def test_any_packet_is_a_control_or_none(packet: bytes) -> None:
    control = decode_control(packet)
    assert control is None or len(control.encode()) == 16


def test_a_number_that_does_not_fit_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        LightControl(switch=LightSwitch.ON, brightness=256).encode()


LOGIN = SettingLogin(device_id=12345678, ticket=0x11223344, username="admin", password=Secret("pw"))


def test_section_5b_presets_in_both_framings() -> None:
    forms = list_preset_forms(PresetAction.SET, 4)
    head = bytes.fromhex("49010000 4e61bc00 01 44332211 66000000 04000000")
    assert forms[329](LOGIN).data_to_send() == head.ljust(256, b"\0")
    legacy = (
        bytes.fromhex("81000000")
        + b"admin".ljust(32, b"\0")
        + b"pw".ljust(32, b"\0")
        + bytes.fromhex("66000000 04000000 4e61bc00")
    )
    assert forms[129](LOGIN).data_to_send() == legacy.ljust(256, b"\0")
    assert list(forms) == [329, 129]


@pytest.mark.parametrize("number", [429, 229])
def test_a_preset_that_is_stored_is_answered_with_1001(number: int) -> None:
    exchange = list_preset_forms(PresetAction.DELETE, 0)[number - 100](LOGIN)
    reply = number.to_bytes(4, "little") + (1001).to_bytes(4, "little")
    for byte in reply.ljust(64, b"\0"):
        exchange.receive_data(bytes([byte]))
    assert take_event(exchange).result == 1001
