"""Controls against a simulated camera: opened, warmed up, sent, drained, closed."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.camera.counting import Counting
from tests.commands.recording_lab import SMALL, TIMEOUT_S, make_device, wait_until
from v380cli.camera import control as control_room
from v380cli.camera.access import Access
from v380cli.camera.control import NotAble, check_able, hold, open_controls, send_all
from v380cli.errors import CameraBusy, CredentialsRefused, NetworkError
from v380cli.models import Device, Secret
from v380cli.simulator.camera import ALL_ABILITIES, VARIANTS, Pace
from v380cli.simulator.control_desk import Position
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import (
    HELD_STEP,
    PTZ_STOP,
    ColorControl,
    ColorSwitch,
    Control,
    LightControl,
    LightSwitch,
    PresetControl,
    PtzDirection,
    make_ptz,
)

LEFT = make_ptz(PtzDirection.LEFT, 2)
LIGHT = LightControl(switch=LightSwitch.ON)


@contextlib.contextmanager
def run(*faults: str, **changes: Any) -> Iterator[tuple[SimulatedCamera, Device]]:
    spec = replace(SMALL, pace=Pace.CAMERA, faults=tuple(map(parse_fault, faults)), **changes)
    with Simulator([spec], discovery=None) as simulator:
        yield simulator.cameras[0], make_device(simulator.cameras[0])


def send(device: Device, *controls: Any, force: bool = False) -> None:
    with open_controls(Access(device), controls, force=force) as link:
        send_all(link, controls)


def wait_for(camera: SimulatedCamera, count: int) -> None:
    wait_until(lambda: len(camera.controls.obeyed) >= count)


def wait_for_stop(camera: SimulatedCamera) -> None:
    wait_until(lambda: PTZ_STOP in camera.controls.obeyed)


def test_what_is_sent_is_obeyed_in_its_order() -> None:
    with run() as (camera, device):
        send(device, LEFT, LIGHT)
        wait_for(camera, 2)
        assert list(camera.controls.obeyed) == [LEFT, LIGHT]
        assert camera.controls.state.position == Position(pan=-2)


def test_frames_end_its_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warming up and draining take as long as a few frames, not as long as they may."""
    monkeypatch.setattr(control_room, "WARM_UP_S", 10 * TIMEOUT_S)
    monkeypatch.setattr(control_room, "DRAIN_S", 10 * TIMEOUT_S)
    began_s = time.monotonic()
    with run() as (_, device):
        send(device, LEFT)
    assert time.monotonic() - began_s < TIMEOUT_S


@pytest.mark.parametrize("variant", ["today", "older", "legacy"])
def test_every_generation_takes_them(variant: str) -> None:
    accepts, version = VARIANTS[variant].accepts, VARIANTS[variant].device_version
    with run(accepts=accepts, device_version=version) as (camera, device):
        access = Access(device)
        with open_controls(access, [LIGHT], force=False) as link:
            link.send(LIGHT)
        wait_for(camera, 1)
        assert access.device.login_variant.startswith(
            {"today": "31", "older": "2"}.get(variant, "l")
        )


def test_what_it_cannot_is_refused_before_a_stream_is_opened() -> None:
    with run(abilities=replace(ALL_ABILITIES, light=0)) as (camera, device):
        connections = Counting()
        access = Access(device, interrupt=connections)
        with (
            pytest.raises(NotAble, match="no light") as caught,
            open_controls(access, [LEFT, LIGHT], force=False),
        ):
            pass
        assert "--force" in caught.value.hint
        assert connections.count == 1, "the log-in"
        send(device, LIGHT, LEFT, force=True)
        wait_for(camera, 1)
        assert list(camera.controls.obeyed) == [LEFT], "sent, and ignored"


def test_a_preset_that_there_is_no_room_for() -> None:
    check_able(ALL_ABILITIES, [PresetControl(preset_id=7)])
    with pytest.raises(NotAble, match="8 presets"):
        check_able(ALL_ABILITIES, [PresetControl(preset_id=8)])
    check_able(replace(ALL_ABILITIES, preset_count=0), [PresetControl(preset_id=8)])
    check_able(None, [PresetControl(preset_id=8)])
    with pytest.raises(NotAble, match="no colour mode"):
        check_able(Abilities(), [ColorControl(switch=ColorSwitch.AUTO)])


def test_a_button_that_is_held_and_let_go() -> None:
    with run() as (camera, device):
        held = make_ptz(PtzDirection.UP, HELD_STEP)
        with open_controls(Access(device), [held], force=False) as link:
            hold(link, held, PTZ_STOP, 0.3)
        wait_for_stop(camera)
        *turns, last = camera.controls.obeyed
        assert set(turns) == {held}
        assert last == PTZ_STOP


class FakeLink:
    """Takes no time but what it is told to wait."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.sent: list[tuple[float, Control]] = []

    def monotonic(self) -> float:
        return self.now_s

    def send(self, control: Control) -> None:
        self.sent.append((round(self.now_s - 100, 3), control))

    def wait(self, seconds: float) -> None:
        self.now_s += seconds


def test_a_held_button_is_told_every_200_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    link = FakeLink()
    monkeypatch.setattr(control_room, "time", link)
    hold(link, LEFT, PTZ_STOP, 0.9)
    turns = [(moment_s, LEFT) for moment_s in (0, 0.2, 0.4, 0.6, 0.8)]
    assert link.sent == [*turns, (0.9, PTZ_STOP)]


def test_a_button_is_let_go_when_somebody_asks() -> None:
    with run() as (camera, device):
        with open_controls(Access(device), [LEFT], force=False) as link:
            hold(link, LEFT, PTZ_STOP, 3600.0, lambda: bool(camera.controls.obeyed))
        wait_for_stop(camera)


def test_a_ticket_that_expired_is_renewed() -> None:
    with run("ticket-expired*1") as (camera, device):
        send(device, LEFT)
        wait_for(camera, 1)


def test_a_camera_that_is_silent_is_told_all_the_same() -> None:
    with run("silence@frame:0") as (camera, device):
        send(device, LEFT)
        wait_for(camera, 1)


def test_a_camera_that_hangs_up() -> None:
    with run("hang-up@frame:0") as (_, device), pytest.raises(NetworkError, match="hung up"):
        send(device, LEFT)


def test_a_camera_with_enough_viewers_is_busy() -> None:
    with (
        run(max_viewers=1) as (_, device),
        open_controls(Access(device), [LEFT], force=False),
        pytest.raises(CameraBusy),
    ):
        send(device, LEFT)


def test_a_wrong_password() -> None:
    with run() as (_, device), pytest.raises(CredentialsRefused):
        send(replace(device, password=Secret("wrong")), LEFT)
