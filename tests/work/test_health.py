"""What the service manager hears: ready, how it is, and signs of life while nothing hangs."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from v380cli.camera.access import Access
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import RecorderState
from v380cli.media.sink import Formats, Packet
from v380cli.models import Device
from v380cli.net.service_manager import ServiceManager
from v380cli.work.health import HANG_S, Patient, ServiceReport


class NoSink:
    """Takes all and keeps nothing."""

    def open(self, formats: Formats, first_keyframe: bytes) -> None: ...

    def write(self, packet: Packet) -> None: ...

    def close(self) -> None: ...


class Ear:
    """The service manager's end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)

    def read(self) -> list[str]:
        said = []
        while True:
            try:
                said.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return said


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    ear = Ear(tmp_path / "notify")
    yield ear
    ear.socket.close()


def make_patient(name: str) -> Patient:
    interrupt = Interrupt()
    recorder = Recorder(Access(Device(name=name), interrupt=interrupt), NoSink())
    return Patient(recorder, interrupt)


def make_manager(ear: Ear, **variables: str) -> ServiceManager:
    return ServiceManager({"NOTIFY_SOCKET": str(ear.path), **variables})


def test_signs_of_life_end_when_a_camera_hangs(ear: Ear) -> None:
    now_s = time.monotonic()
    report = ServiceReport(make_manager(ear, WATCHDOG_USEC="30000000"), clock=lambda: now_s)
    front, yard = patients = [make_patient("front"), make_patient("yard")]
    front.interrupt()
    yard.interrupt()
    front.recorder.state = RecorderState.RECORDING
    report.tick(patients)
    assert ear.read() == ["READY=1", "STATUS=1 connecting, 1 recording", "WATCHDOG=1"]
    report.tick(patients)
    assert ear.read() == []
    now_s += 11
    report.tick(patients)
    assert ear.read() == ["WATCHDOG=1"]
    now_s += HANG_S
    front.interrupt.quiet_until_s = now_s
    report.tick(patients)
    assert ear.read() == ["STATUS=1 connecting, 1 recording; stuck: yard"]
    yard.interrupt.quiet_until_s = now_s
    report.tick(patients)
    assert ear.read() == ["STATUS=1 connecting, 1 recording", "WATCHDOG=1"]


def test_a_pause_before_the_next_attempt_is_no_hang() -> None:
    patient = make_patient("front")
    patient.interrupt.request()
    patient.interrupt.wait(0)
    assert not patient.is_hung(float("1e12"))  # nobody has asked yet: it has not begun
    interrupt = Interrupt()
    now_s = time.monotonic()
    interrupt._wake.put(None)  # it is woken at once
    interrupt.wait(1800)
    assert interrupt.quiet_until_s >= now_s + 1800


def test_what_is_over_does_not_hang() -> None:
    patient = make_patient("front")
    patient.interrupt()
    assert patient.is_hung(time.monotonic() + HANG_S + 1)
    patient.recorder.state = RecorderState.FAILED
    assert not patient.is_hung(time.monotonic() + HANG_S + 1)


def test_nobody_listens() -> None:
    manager = ServiceManager({})
    ServiceReport(manager).tick([make_patient("front")])
    assert (manager.is_there, manager.watchdog_s) == (False, None)
    ServiceManager({"NOTIFY_SOCKET": "/nonexistent/notify"}).tell_ready()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "2000000"}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_how_often_it_wants_a_sign(
    ear: Ear, variables: dict[str, str], expected: float | None
) -> None:
    assert make_manager(ear, **variables).watchdog_s == expected
