"""What the tests of `record` share: small cameras in software, and `v380` on them."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import make_environment
from tests.readback import split_units
from tests.warm import V380, Process
from v380cli.errors import V380Error
from v380cli.models import Device, Secret
from v380cli.simulator.camera import CameraSpec, Pace
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.sinks.probe import count_readable
from v380cli.store.database import open_device_list
from v380cli.store.records import DeviceRecord
from v380cli.wire.commands import VIDEO_TYPES
from v380cli.wire.login import LegacyLoginReply, LegacyLoginRequest, LoginReply, LoginRequest

PASSWORD = "sesame-4711"
TIMEOUT_S = 60.0
FPS = 15
SMALL = CameraSpec(
    device_id=87654321,
    password=Secret(PASSWORD),
    width=192,
    height=128,
    fps=FPS,
    gop_s=0.4,
    loop_s=1.2,
    bitrate=300_000,
    picture_id=1,  # they share their footage
    pace=Pace.FAST,
)


@contextlib.contextmanager
def open_cameras(*specs: CameraSpec) -> Iterator[list[SimulatedCamera]]:
    """Cameras that remember what they send; discovery does not find them."""
    with Simulator(specs, discovery=None, keep_sent=True) as simulator:
        yield simulator.cameras


@contextlib.contextmanager
def open_camera(*faults: str, **changes: Any) -> Iterator[SimulatedCamera]:
    """`SMALL` with these faults and changes."""
    spec = replace(SMALL, faults=tuple(parse_fault(text) for text in faults), **changes)
    with open_cameras(spec) as cameras:
        yield cameras[0]


def address_args(camera: SimulatedCamera) -> tuple[str, ...]:
    """The words that name it, for a command line."""
    return (f"{camera.host}:{camera.port}", "--id", str(camera.spec.device_id))


def make_device(camera: SimulatedCamera, name: str = "") -> Device:
    return Device(
        name=name,
        device_id=camera.spec.device_id,
        host=camera.host,
        port=camera.port,
        password=camera.spec.password,
    )


def add_to_list(device: Device, *groups: str) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=device, groups=groups))


def find_closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with open_camera() as camera:
        return camera.port


def list_sent(camera: SimulatedCamera) -> list[list[bytes]]:
    """The NAL units of the video that it sent to all viewers, in order."""
    return [
        split_units(camera.spec.codec, frame.payload)
        for frames in list(camera.sent_access_units)
        for frame in list(frames)
        if frame.frame_type in VIDEO_TYPES
    ]


def count_broken_off(part: Path) -> int:
    """How many pictures a kill would leave of it."""
    try:
        return count_readable(part).video_packets
    except V380Error:
        return 0


@dataclass
class LoginWatch:
    """Notes each log-in that reaches a camera; `on_success` is called after an accepted one."""

    on_success: Callable[[], None] = lambda: None
    requests: list[LoginRequest | LegacyLoginRequest] = field(default_factory=list)

    def attach(self, camera: SimulatedCamera, monkeypatch: pytest.MonkeyPatch) -> "LoginWatch":
        answer, answer_legacy = camera.answer_login, camera.answer_legacy_login

        def watch(request: LoginRequest) -> LoginReply:
            self.requests.append(request)
            reply = answer(request)
            if reply.ticket:
                self.on_success()
            return reply

        def watch_legacy(request: LegacyLoginRequest) -> LegacyLoginReply:
            self.requests.append(request)
            return answer_legacy(request)

        monkeypatch.setattr(camera, "answer_login", watch)
        monkeypatch.setattr(camera, "answer_legacy_login", watch_legacy)
        return self


@contextlib.contextmanager
def start_v380(
    data_dir: Path,
    *args: str,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = V380,
    **options: Any,
) -> Iterator["subprocess.Popen[str]"]:
    """`v380 ARGS` running beside the test, without a terminal and with the cameras' password."""
    environment = make_environment(data_dir, {"V380_PASSWORD": PASSWORD, **(env or {})})
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Process[str](
        [*program, *args], env=environment, text=True, **{**pipes, **options}
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(check: Callable[[], bool]) -> None:
    """Look again and again; fails when it takes too long."""
    deadline = time.monotonic() + TIMEOUT_S
    while not check():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
