"""RTP that the thread which gives it sends: in order, whole, and to nobody else."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from tests.net.fake_source import TIMEOUT_S, FakeSource
from tests.net.rtsp_client import RtspClient, make_frames
from v380cli.net import feeding
from v380cli.net.feeding import Waker
from v380cli.net.rtp_pump import RtpPump
from v380cli.net.rtp_sender import InterleavedSender
from v380cli.net.rtsp_server import RtspServer
from v380cli.wire.rtp import split_frames

LARGE = bytes(60_000)


@dataclass
class FakeSender:
    """Sends into a list; `room` is what goes out at once, None for all."""

    sent: list[bytes] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    room: int | None = None
    may_send: threading.Event = field(default_factory=threading.Event)
    is_sending: threading.Event = field(default_factory=threading.Event)
    is_closed: bool = False

    def choose(self, frames: bytes) -> bytes:
        return frames.replace(b"-", b"")

    async def send(self, chosen: bytes) -> None:
        self._note("loop", chosen)

    def send_now(self, chosen: bytes) -> bytes:
        self.is_sending.set()
        assert self.may_send.wait(TIMEOUT_S)
        assert not self.is_closed
        size = len(chosen) if self.room is None else self.room
        self._note("giver", chosen[:size])
        return chosen[size:]

    def close(self) -> None:
        self.is_closed = True

    def _note(self, thread: str, data: bytes) -> None:
        if data:
            self.sent.append(data)
            self.threads.append(thread)


@contextlib.asynccontextmanager
async def pump_into(sender: FakeSender, source: FakeSource) -> AsyncIterator[RtpPump]:
    """A pump that runs, after it has sent what there was."""
    pump = RtpPump(sender, Waker())
    first = await pump.open(source.watch_rtp)
    sending = asyncio.create_task(pump.run(first))
    await settle()
    yield pump
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def settle() -> None:
    """Let the loop do what it can do at once."""
    for _ in range(5):
        await asyncio.sleep(0)


async def wait_until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not is_so():
            await asyncio.sleep(0.001)


@pytest.fixture
def source() -> FakeSource:
    source = FakeSource()
    source.pieces = [b"first"]
    return source


@pytest.fixture
def sender() -> FakeSender:
    sender = FakeSender()
    sender.may_send.set()
    return sender


def test_the_giver_sends_what_goes_out_at_once(source: FakeSource, sender: FakeSender) -> None:
    async def play() -> None:
        async with pump_into(sender, source):
            source.feeds[0].add(b"a-", b"b")
            assert sender.sent == [b"first", b"a", b"b"]
            assert sender.threads == ["loop", "giver", "giver"]

    asyncio.run(play())


def test_what_finds_no_room_goes_before_what_comes_later(
    source: FakeSource, sender: FakeSender
) -> None:
    async def play() -> None:
        async with pump_into(sender, source):
            sender.room = 2
            source.feeds[0].add(b"abcd", b"ef")
            source.feeds[0].add(b"gh")
            assert sender.sent == [b"first", b"ab"]
            await wait_until(lambda: b"".join(sender.sent) == b"firstabcdefgh")
            assert set(sender.threads[2:]) == {"loop"}
            await settle()
            sender.room = None
            source.feeds[0].add(b"ij")
            assert (sender.sent[-1], sender.threads[-1]) == (b"ij", "giver")

    asyncio.run(play())


def test_a_piece_of_which_nothing_is_chosen_holds_up_nothing(
    source: FakeSource, sender: FakeSender
) -> None:
    source.pieces = [b"-", b"--", b"a"]

    async def play() -> None:
        async with pump_into(sender, source):
            source.feeds[0].add(b"-", b"b")
            assert b"".join(sender.sent) == b"ab"

    asyncio.run(play())


def test_the_end_is_noticed_whoever_sends(source: FakeSource, sender: FakeSender) -> None:
    async def play() -> None:
        pump = RtpPump(sender, Waker())
        sending = asyncio.create_task(pump.run(await pump.open(source.watch_rtp)))
        await settle()
        source.feeds[0].add(b"last", None)
        await asyncio.wait_for(sending, TIMEOUT_S)
        assert sender.sent == [b"first", b"last"]

    asyncio.run(play())


def test_nothing_is_closed_while_the_giver_sends(source: FakeSource, sender: FakeSender) -> None:
    async def play() -> None:
        async with pump_into(sender, source) as pump:
            feed = source.feeds[0]
            sender.may_send.clear()
            giving = asyncio.create_task(asyncio.to_thread(feed.add, b"a"))
            await asyncio.to_thread(sender.is_sending.wait, TIMEOUT_S)
            closing = asyncio.create_task(asyncio.to_thread(pump.close))
            sender.may_send.set()
            await asyncio.gather(giving, closing)
            assert sender.is_closed
            feed.add(b"b")
            assert sender.sent == [b"first", b"a"]

    asyncio.run(play())


def test_a_connection_that_the_loop_has_closed_gets_nobody_elses_file() -> None:
    async def play() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            _, writer = await asyncio.open_connection(sock=ours)
            number = ours.fileno()
            sender = InterleavedSender(writer, {})
            writer.transport.abort()
            await settle()
            with contextlib.ExitStack() as stack:
                others = [stack.enter_context(s) for _ in range(2) for s in socket.socketpair()]
                assert number in [sock.fileno() for sock in others]
                assert sender.send_now(b"picture") == b""
                for sock in others:
                    with pytest.raises(BlockingIOError):
                        sock.recv(1, socket.MSG_DONTWAIT)
            sender.close()
            assert theirs.recv(100) == b"picture"
            assert theirs.recv(100) == b""

    asyncio.run(play())


# -- with a whole server ------------------------------------------------------------------------


def play_from_the_giver(
    player: RtspClient, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Play until the thread of the test sends; from then on nobody wakes the loop."""
    senders = []
    send_now = InterleavedSender.send_now

    def note_sender(self: InterleavedSender, chosen: bytes) -> bytes:
        senders.append(threading.current_thread())
        return send_now(self, chosen)

    monkeypatch.setattr(InterleavedSender, "send_now", note_sender)
    player.play()
    while not senders:
        source.feeds[-1].add(make_frames(0))
        assert player.read_frame() == next(split_frames(make_frames(0)))
    assert senders == [threading.current_thread()]
    monkeypatch.setattr(feeding, "GATHER_S", 2 * TIMEOUT_S)


@pytest.mark.parametrize("method", ["GET_PARAMETER", "PAUSE", "TEARDOWN"])
def test_answers_come_behind_whole_frames(
    method: str, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.pieces = []
    piece = b"".join(make_frames(n, LARGE) for n in range(150))
    wanted = [frame for frame in split_frames(piece) if frame.channel == 0]
    with (
        RtspServer({"porch": source}.get, "127.0.0.1", 0) as server,
        RtspClient(server.port, receive_buffer=4096) as player,
    ):
        play_from_the_giver(player, source, monkeypatch)
        source.feeds[0].add(piece)
        assert player.ask(method).status == 200
        assert [*player.frames] == wanted


def test_a_player_that_goes_while_it_is_sent_to_disturbs_nobody(
    source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.pieces = []
    with (
        RtspServer({"porch": source}.get, "127.0.0.1", 0) as server,
        RtspClient(server.port) as quick,
    ):
        with RtspClient(server.port, receive_buffer=4096) as other:
            play_from_the_giver(other, source, monkeypatch)
            source.feeds[0].add(*(make_frames(n, LARGE) for n in range(150)))
        source.wait_for_viewers(0)
        quick.play()
        source.feeds[0].add(make_frames(3))
        assert quick.read_frame() == next(split_frames(make_frames(3)))
