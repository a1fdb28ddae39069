"""A recorded camera played again: it answers what it answered, and shows what it showed.

It asks for no password, for none was kept. What nobody asked of it when it was recorded, it says it
does not know.
"""

import contextlib
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Self

from v380cli.errors import NetworkError
from v380cli.explain.fixture import Connection, find_device_id
from v380cli.wire.commands import Command
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import FRAME_HEADER
from v380cli.wire.registry import BareNumber, find_entry

NUMBER_BYTES = 4
RECEIVE_BYTES = 4096
FRAGMENT_BYTES = 500
LOOP_PAUSE_MS = 100  # between the last frame and the first one again
MAX_STEP_MS = 5_000  # from a frame to the next; more is a clock that was set
STAMPS = 1 << 64
MAX_WAIT_S = 0.5
MAX_VIEWERS = 32
UNSENT_MAX_BYTES = 1 << 20  # a viewer that reads no more is left


@dataclass(slots=True)
class _Viewer:
    """A connection to the replayed camera."""

    sock: socket.socket
    received: bytearray = field(default_factory=bytearray)
    unsent: bytearray = field(default_factory=bytearray)
    frames: Iterator[tuple[float, bytes]] | None = None
    next_frame: tuple[float, bytes] | None = None


class Replay:
    """Listens inside a `with`; `run` serves until its time is over or it is interrupted.

    Raises NetworkError where it cannot listen.
    """

    def __init__(self, connections: Sequence[Connection], host: str, port: int) -> None:
        self.device_id = find_device_id(connections)
        self.host, self.port = host, port
        self._answers = _list_answers(connections)
        self._asked: Counter[int] = Counter()
        self._frames = next((each.frames for each in connections if each.frames), [])
        self._viewers: dict[socket.socket, _Viewer] = {}
        self._selector = selectors.DefaultSelector()
        self._is_interrupted = False

    def __enter__(self) -> Self:
        try:
            self._listener = socket.create_server((self.host, self.port))
        except OSError as error:
            raise NetworkError(f"cannot listen at {self.host}:{self.port}: {error}") from error
        self.port = self._listener.getsockname()[1]
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        for sock in [*self._viewers, self._listener]:
            sock.close()
        self._selector.close()

    def interrupt(self) -> None:
        """End `run` soon; a signal handler may call it."""
        self._is_interrupted = True

    def run(self, duration_s: float | None = None) -> None:
        """Serve; for ever without a duration."""
        end_s = float("inf") if duration_s is None else time.monotonic() + duration_s
        while not self._is_interrupted and (left_s := end_s - time.monotonic()) > 0:
            for key, _ in self._selector.select(min(left_s, self._find_wait())):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(self._viewers[key.data])
            for viewer in list(self._viewers.values()):
                self._advance(viewer)

    def _find_wait(self) -> float:
        due = [each.next_frame[0] for each in self._viewers.values() if each.next_frame]
        if any(each.unsent for each in self._viewers.values()):
            return 0.01
        return max(0.0, min([MAX_WAIT_S, *(moment - time.monotonic() for moment in due)]))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            sock, _ = self._listener.accept()
            if len(self._viewers) >= MAX_VIEWERS:
                sock.close()
                return
            sock.setblocking(False)
            self._viewers[sock] = _Viewer(sock)
            self._selector.register(sock, selectors.EVENT_READ, sock)

    def _read(self, viewer: _Viewer) -> None:
        try:
            data = viewer.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._leave(viewer)
            return
        viewer.received += data
        while self._answer(viewer):
            pass

    def _answer(self, viewer: _Viewer) -> bool:
        """Answer the request that stands first; False where more of it has to come."""
        # what may be left of a log-in are zeros, with which no request begins
        viewer.received = viewer.received.lstrip(b"\0")
        if len(viewer.received) < NUMBER_BYTES:
            return False
        number = int.from_bytes(viewer.received[:NUMBER_BYTES], "little", signed=True)
        entry = find_entry(number, from_camera=False)
        sizes = entry.sizes if entry else (NUMBER_BYTES,)
        if len(viewer.received) < min(sizes):
            return False
        # of a request that has several sizes the last one has come, or the rest means nothing
        del viewer.received[: max(sizes)]
        if number == Command.STREAM_START and self._frames:
            viewer.frames = _play(self._frames)
            viewer.next_frame = next(viewer.frames)
        if number in self._answers or not viewer.frames:  # controls of a stream have no answer
            viewer.unsent += self._find_answer(number)
        return True

    def _find_answer(self, number: int) -> bytes:
        """What was answered then; the last answer once there were as many questions as then."""
        answers = self._answers.get(number)
        if answers is None:
            return BareNumber(command=Command.UNSUPPORTED).encode()
        self._asked[number] += 1
        return answers[min(self._asked[number], len(answers)) - 1]

    def _advance(self, viewer: _Viewer) -> None:
        now_s = time.monotonic()
        while viewer.frames and viewer.next_frame and viewer.next_frame[0] <= now_s:
            if len(viewer.unsent) > UNSENT_MAX_BYTES:
                break
            viewer.unsent += viewer.next_frame[1]
            viewer.next_frame = next(viewer.frames)
        if not viewer.unsent:
            return
        try:
            del viewer.unsent[: viewer.sock.send(viewer.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            viewer.unsent.clear()
        if len(viewer.unsent) > UNSENT_MAX_BYTES:
            self._leave(viewer)

    def _leave(self, viewer: _Viewer) -> None:
        if self._viewers.pop(viewer.sock, None):
            self._selector.unregister(viewer.sock)
            viewer.sock.close()


def _list_answers(connections: Sequence[Connection]) -> dict[int, list[bytes]]:
    """By the number of a request: what the camera said before it was asked something else."""
    answers: dict[int, list[bytes]] = {}
    for connection in connections:
        current: list[bytes] | None = None
        for from_camera, data in connection.said:
            if not from_camera:
                current = answers.setdefault(int.from_bytes(data[:4], "little"), [])
                current.append(b"")
            elif current is not None:
                current[-1] += data
    return {number: [each for each in found if each] or [b""] for number, found in answers.items()}


def _play(frames: Sequence[bytes]) -> Iterator[tuple[float, bytes]]:
    """The frames as records, again and again, and when each is due."""
    stamps_ms = [FRAME_HEADER.unpack_from(frame)[3] for frame in frames]
    loop_ms = max(stamps_ms) - stamps_ms[0] + LOOP_PAUSE_MS
    due_s, before_ms = time.monotonic(), stamps_ms[0]
    for number, frame in enumerate(cycle(frames)):
        _, frame_type, fps, stamp_ms = FRAME_HEADER.unpack_from(frame)
        stamp_ms += number // len(frames) * loop_ms
        step_ms = stamp_ms - before_ms
        due_s += (step_ms if abs(step_ms) <= MAX_STEP_MS else LOOP_PAUSE_MS) / 1000
        before_ms = stamp_ms
        head = FRAME_HEADER.pack(number, frame_type, fps, stamp_ms % STAMPS)
        payload = frame[FRAME_HEADER.size :]
        yield (
            due_s,
            encode_fragments(head + payload, frame_type & 0xFF, FRAGMENT_BYTES, counter=number),
        )
