"""Readers that are too slow or too quiet, on a socket pair and with the test's own clock."""

import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.simulator.viewer import (
    DEVICE_ID,
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    make_stream_login,
    read_frame,
    receive,
)
from v380cli.simulator.camera import CameraSpec, Pace
from v380cli.simulator.connection import IDLE_S, QUEUE_MAX_BYTES, Connection, State
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.login_desk import LEGACY_TICKET
from v380cli.wire.control import PTZ_STOP, Control
from v380cli.wire.live import StreamStartRequest
from v380cli.wire.login import LegacyLoginRequest

CLEAR = replace(
    SMALL,
    device_version=2,
    audio=None,
    accepts=replace(SMALL.accepts, legacy=True),
)


@dataclass
class Line:
    """A viewer whose camera does only what the test lets it do, when it says."""

    camera: SimulatedCamera
    connection: Connection
    viewer: socket.socket

    def start_media(self, *controls: Control) -> None:
        login = LegacyLoginRequest(user="admin", password=PASSWORD, device_id=DEVICE_ID)
        self.camera.answer_legacy_login(login)
        requests = make_stream_login(LEGACY_TICKET) + StreamStartRequest().encode()
        self.viewer.sendall(requests + b"".join(control.encode() for control in controls))
        self.connection.advance(0.0, selectors.EVENT_READ)
        assert len(receive(self.viewer, 32)) == 32

    def drain(self) -> int:
        """Read all that comes, letting the camera send; the size in bytes."""
        self.viewer.setblocking(False)
        size = 0
        while True:
            self.connection.advance(0.0, selectors.EVENT_WRITE)
            try:
                size += len(self.viewer.recv(1 << 20))
            except BlockingIOError:
                self.viewer.settimeout(TIMEOUT_S)
                return size


@contextmanager
def open_line(spec: CameraSpec) -> Iterator[Line]:
    camera = SimulatedCamera(spec, keep_sent=True)
    camera.load()
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(TIMEOUT_S)
    with ours, theirs:
        yield Line(camera, Connection(ours, camera, 0.0), theirs)


def test_frames_come_when_they_are_due() -> None:
    with open_line(CLEAR) as line:
        line.start_media()
        assert line.connection.due == 1 / 15
        line.connection.advance(0.05)
        assert len(line.camera.sent_access_units[0]) == 1
        line.connection.advance(0.34)
        assert [read_frame(line.viewer).frame_id for _ in range(6)] == list(range(6))


def test_a_slow_reader_gets_no_more_than_the_queue_and_then_a_keyframe() -> None:
    with open_line(CLEAR) as line:
        line.start_media()
        line.connection.advance(120.0)  # two minutes in which nobody reads
        sent = line.camera.sent_access_units[0]
        kept = len(sent)
        assert kept + line.camera.dropped_frames == 120 * 15 + 1
        assert line.camera.dropped_frames > 0
        assert line.drain() > QUEUE_MAX_BYTES
        line.connection.advance(121.0)
        assert sent[kept].frame_type == 0
        assert (sent[kept].timestamp_ms - sent[0].timestamp_ms) % 400 == 0
        assert read_frame(line.viewer).payload == sent[kept].payload


def test_a_fast_camera_waits_for_its_reader() -> None:
    with open_line(replace(CLEAR, pace=Pace.FAST)) as line:
        line.start_media()
        for _ in range(100):
            line.connection.advance(0.0, selectors.EVENT_WRITE)
        held = len(line.camera.sent_access_units[0])
        line.connection.advance(3600.0, selectors.EVENT_WRITE)
        assert len(line.camera.sent_access_units[0]) == held
        ids = []
        for _ in range(held):
            ids.append(read_frame(line.viewer).frame_id)
            line.connection.advance(3600.0, selectors.EVENT_WRITE)
        assert ids == list(range(held))
        assert line.camera.dropped_frames == 0


def test_who_says_nothing_is_let_go() -> None:
    with open_line(CLEAR) as line:
        states = []
        for now in (IDLE_S - 0.1, line.connection.due):
            line.connection.advance(now)
            states.append(line.connection.state)
    assert states == [State.REQUESTS, State.CLOSED]


def test_who_is_told_to_go_is_let_go_however_much_it_says() -> None:
    with open_line(CLEAR) as line:
        line.viewer.sendall(b"\xff" * 4)
        line.connection.advance(0.0, selectors.EVENT_READ)
        for now in (IDLE_S - 1, line.connection.due):
            line.viewer.sendall(b"\xff")
            line.connection.advance(now, selectors.EVENT_READ)
        assert line.connection.state is State.CLOSED


def test_who_asks_and_does_not_read_is_let_go() -> None:
    login = LegacyLoginRequest(user="admin", password=PASSWORD, device_id=DEVICE_ID).encode()
    with open_line(replace(CLEAR, closes_after_login=False)) as line:
        for _ in range(10_000):
            line.viewer.sendall(login)
            line.connection.advance(0.0, selectors.EVENT_READ)
            if line.connection.state is State.CLOSED:
                break
        assert line.connection.state is State.CLOSED


def test_a_viewer_may_stay_as_long_as_it_likes() -> None:
    with open_line(CLEAR) as line:
        line.start_media()
        line.connection.advance(IDLE_S * 2)
        assert line.connection.state is State.MEDIA
        assert line.camera.viewers == 1


def test_a_viewer_that_leaves_makes_room() -> None:
    with open_line(CLEAR) as line:
        line.start_media()
        line.viewer.close()
        line.connection.advance(0.0, selectors.EVENT_READ)
        assert line.connection.state is State.CLOSED
        assert line.camera.viewers == 0


def test_controls_may_come_with_the_start_of_a_stream() -> None:
    with open_line(CLEAR) as line:
        line.start_media(PTZ_STOP)
        assert list(line.camera.controls.obeyed) == [PTZ_STOP]


def test_controls_of_a_viewer_are_swallowed() -> None:
    with open_line(CLEAR) as line:
        line.start_media()
        line.viewer.sendall(bytes(range(16)) * 8)
        line.connection.advance(0.0, selectors.EVENT_READ)
        assert read_frame(line.viewer).frame_id == 0
        assert line.connection.state is State.MEDIA
