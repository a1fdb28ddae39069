"""A recorded camera played again, for viewers and recordings that are out of the ordinary."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.simulator.viewer import TIMEOUT_S, Frame, make_login, read_frames, receive
from v380cli.explain.fixture import from_document
from v380cli.simulator.replay import LOOP_PAUSE_MS, Replay
from v380cli.wire.control import PTZ_STOP
from v380cli.wire.live import StreamStartRequest

LOGIN = struct.pack("<i", 1167)
LOGIN_REPLY = struct.pack("<ii", 1168, 1001)


@contextmanager
def visit(stamps_ms: list[int]) -> Iterator[socket.socket]:
    """A connection to a camera that was recorded with frames of these time stamps."""
    frames = [[number, 1, 15, stamp, [["65", 50]]] for number, stamp in enumerate(stamps_ms)]
    said = [
        {"from": "client", "hex": LOGIN.hex(), "bytes": 520},
        {"from": "camera", "hex": LOGIN_REPLY.hex(), "bytes": 256},
        {"from": "client", "hex": StreamStartRequest().encode()[:6].hex(), "bytes": 256},
    ]
    document: Any = {"connections": [{"said": said, "frames": frames}]}
    with Replay(from_document(document), "127.0.0.1", 0) as replay:
        thread = threading.Thread(target=replay.run)
        thread.start()
        try:
            with socket.create_connection((replay.host, replay.port), TIMEOUT_S) as sock:
                yield sock
        finally:
            replay.interrupt()
            thread.join()


def watch(stamps_ms: list[int], count: int, controls: bytes = b"") -> list[Frame]:
    with visit(stamps_ms) as sock:
        sock.sendall(StreamStartRequest().encode() + controls)
        return read_frames(sock, count)


def test_a_log_in_that_comes_in_two_pieces_is_one() -> None:
    login = make_login()
    with visit([0]) as sock:
        sock.sendall(login[:256])
        assert receive(sock, 256)[:8] == LOGIN_REPLY
        sock.sendall(login[256:] + login)
        assert receive(sock, 256)[:8] == LOGIN_REPLY


def test_controls_have_no_answer_between_the_frames() -> None:
    frames = watch([0, 66, 133], 6, PTZ_STOP.encode() * 3)
    assert [frame.frame_id for frame in frames] == list(range(6))


@pytest.mark.parametrize(
    "stamps_ms",
    [[1000, 1_700_000_000_000, 1_700_000_000_066], [1_700_000_000_000, 1000], [(1 << 64) - 1]],
    ids=["set forwards", "set back", "at its end"],
)
def test_a_clock_that_was_set_is_no_pause(stamps_ms: list[int]) -> None:
    frames = watch(stamps_ms, 6)
    assert [frame.timestamp_ms for frame in frames[: len(stamps_ms)]] == stamps_ms


def test_the_loop_goes_on_with_its_stamps() -> None:
    stamps = [frame.timestamp_ms for frame in watch([100, 150, 140], 6)]
    assert stamps == [100, 150, 140] + [each + 50 + LOOP_PAUSE_MS for each in (100, 150, 140)]
