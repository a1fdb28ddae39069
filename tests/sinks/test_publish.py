"""Publishing to servers that are there, are not, say nothing, say no, go away and come back."""

import contextlib
import heapq
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.commands.recording_lab import TIMEOUT_S, wait_until
from tests.media_samples import (
    FPS,
    PCM,
    aac_packets,
    make_aac,
    make_motion_jpeg,
    make_video,
    tone_packets,
)
from tests.media_server import MediaServer, find_free_port
from tests.readback import count_audio_seconds, read_video, split_units
from v380cli.errors import (
    Bug,
    CredentialsRefused,
    InvalidInput,
    MediaError,
    NetworkError,
    NetworkTimeout,
    UnsupportedMedia,
    V380Error,
)
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.sinks import server_link, srt
from v380cli.sinks.publish import PublishSink
from v380cli.sinks.server import ServerProtocol, parse_server

SECONDS = 3
FRAMES = SECONDS * FPS
SECRET = "s3cret-s3cret"
VIDEO = make_video(Codec.H264)


def make_packets(codec: Codec, start_ms: int = 0) -> list[Packet]:
    video = make_video(codec).packets(FRAMES, start_ms)
    sound = tone_packets(SECONDS, start_ms)
    return list(heapq.merge(video, sound, key=lambda packet: packet.pts_ms))


def list_units(packets: list[Packet], codec: Codec) -> list[list[bytes]]:
    return [split_units(codec, p.data) for p in packets if p.track is Track.VIDEO]


def open_sink(sink: PublishSink, codec: Codec = Codec.H264, audio: AudioFormat = PCM) -> None:
    sink.open(Formats(make_video(codec).format, audio), make_video(codec).keyframe)


def publish(url: str, packets: list[Packet], codec: Codec, audio: AudioFormat = PCM) -> PublishSink:
    sink = PublishSink(parse_server(url))
    open_sink(sink, codec, audio)
    for packet in packets:
        sink.write(packet)
    sink.close()
    return sink


def find_failure(sink: PublishSink) -> V380Error:
    """Open, and what is in the way of it."""
    with pytest.raises(MediaError):
        open_sink(sink)
    sink.close()
    assert sink.failure
    return sink.failure


@pytest.mark.parametrize(
    ("protocol", "codec"),
    [
        (ServerProtocol.RTSP, Codec.H264),
        (ServerProtocol.RTSP, Codec.HEVC),
        (ServerProtocol.RTMP, Codec.H264),  # Debian's FFmpeg knows no H.265 in FLV
        (ServerProtocol.SRT, Codec.H264),
        (ServerProtocol.SRT, Codec.HEVC),
        (ServerProtocol.UDP, Codec.H264),
    ],
)
def test_every_access_unit_and_all_sound_arrive(
    protocol: ServerProtocol, codec: Codec, tmp_path: Path
) -> None:
    server, found = MediaServer(protocol), tmp_path / "found.ts"
    packets = make_packets(codec, 5000)
    with server.receive(found):
        sink = publish(server.url, packets, codec)
    assert read_video(found) == list_units(packets, codec)
    assert count_audio_seconds(found) == pytest.approx(SECONDS, abs=0.4)
    tally = sink.tally
    assert (tally.video_packets, tally.dropped_frames, tally.reconnects) == (FRAMES, 0, 0)


@pytest.mark.parametrize("protocol", [ServerProtocol.RTSP, ServerProtocol.RTMP])
def test_the_cameras_own_aac_is_copied(protocol: ServerProtocol, tmp_path: Path) -> None:
    server, found = MediaServer(protocol), tmp_path / "found.ts"
    audio, units = make_aac()
    video = make_video(Codec.H264).packets(FRAMES)
    packets = list(heapq.merge(video, aac_packets(), key=lambda packet: packet.pts_ms))
    with server.receive(found):
        publish(server.url, packets, Codec.H264, audio)
    assert count_audio_seconds(found) == pytest.approx(len(units) * 1024 / 8000, abs=0.3)


def test_a_change_of_codec_is_another_stream(tmp_path: Path) -> None:
    server = MediaServer(ServerProtocol.RTSP)
    sink = PublishSink(parse_server(server.url))
    for codec in (Codec.H264, Codec.HEVC):
        found = tmp_path / f"{codec}.ts"
        packets = make_packets(codec)
        with server.receive(found):
            open_sink(sink, codec)
            for packet in packets:
                sink.write(packet)
            sink.close()
        assert read_video(found) == list_units(packets, codec)
    assert (sink.tally.video_packets, sink.tally.reconnects) == (2 * FRAMES, 0)


@pytest.mark.parametrize("protocol", ["rtsp", "rtmp"])
def test_nobody_there_is_told_at_once(protocol: str) -> None:
    port = find_free_port("tcp")
    failure = find_failure(PublishSink(parse_server(f"{protocol}://127.0.0.1:{port}/live/x")))
    assert isinstance(failure, NetworkError)
    assert failure.message == "the server cannot be reached: Connection refused"


class Listener:
    """Accepts connections and gives each request the same answer, or none."""

    def __init__(self, answer: str = "") -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._connections: list[socket.socket] = []

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for connection in (*self._connections, self._socket):
            connection.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            while self._answer and (request := connection.recv(4096)):
                number = request.partition(b"CSeq: ")[2].partition(b"\r\n")[0].decode()
                connection.sendall(self._answer.format(number).encode())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishers that wait for a moment only."""
    set_patience(monkeypatch, open_s=0.5)


def set_patience(monkeypatch: pytest.MonkeyPatch, *, open_s: float, write_s: float = 10.0) -> None:
    """How long publishers wait for a server."""
    code = (
        "import v380cli.sinks.publisher as p; "
        f"p.OPEN_TIMEOUT_S, p.WRITE_TIMEOUT_S = {open_s}, {write_s}; p.main()"
    )
    monkeypatch.setattr(server_link, "PUBLISHER", (sys.executable, "-c", code))


@pytest.mark.parametrize("protocol", ["rtsp", "rtmp"])
@pytest.mark.usefixtures("impatient")
def test_a_server_that_says_nothing_holds_nobody_up(protocol: str) -> None:
    """FFmpeg's RTMP waits for ever, and PyAV keeps all threads waiting with it."""
    with Listener() as listener:
        url = f"{protocol}://127.0.0.1:{listener.port}/live/x"
        failure = find_failure(PublishSink(parse_server(url)))
    assert isinstance(failure, NetworkTimeout)


def test_an_interrupt_ends_the_wait_for_a_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    set_patience(monkeypatch, open_s=10 * TIMEOUT_S)
    with Listener() as listener:
        sink = PublishSink(parse_server(f"rtmp://127.0.0.1:{listener.port}/live/x"))
        waiting = threading.Timer(0.5, sink.interrupt)
        waiting.start()
        began_s = time.monotonic()
        assert isinstance(find_failure(sink), NetworkError)
        waiting.join()
    assert time.monotonic() - began_s < TIMEOUT_S


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("401 Unauthorized\r\nWWW-Authenticate: Basic realm=x", CredentialsRefused, "password"),
        ("403 Forbidden", CredentialsRefused, "password"),
        ("404 Not Found", NetworkError, "path"),
        ("500 Oh", NetworkError, "server"),
    ],
)
def test_a_server_that_says_no_is_understood(
    answer: str, kind: type[V380Error], words: str
) -> None:
    with Listener(f"RTSP/1.0 {answer}\r\nCSeq: {{}}\r\n\r\n") as listener:
        url = f"rtsp://admin:{SECRET}@127.0.0.1:{listener.port}/{SECRET}"
        failure = find_failure(PublishSink(parse_server(url)))
    assert type(failure) is kind
    assert words in failure.message
    assert SECRET not in failure.message


def test_a_wrong_passphrase_is_no_matter_of_trying_again(tmp_path: Path) -> None:
    server = MediaServer(ServerProtocol.SRT, f"?passphrase={SECRET}")
    with server.receive(tmp_path / "found.ts") as process:
        for wrong in ("", "?passphrase=another-one"):
            url = server.url.partition("?")[0] + wrong
            failure = find_failure(PublishSink(parse_server(url)))
            assert isinstance(failure, CredentialsRefused)
        process.kill()


@pytest.mark.parametrize(
    "argument", ["latency=20", "passphrase=short", "passphrase=", "passphrase", "mode=listener"]
)
def test_what_srt_does_not_know_is_refused(argument: str) -> None:
    url = f"srt://127.0.0.1:{find_free_port('udp')}?{argument}"
    assert isinstance(find_failure(PublishSink(parse_server(url))), InvalidInput)


def test_a_machine_without_a_process_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_link, "PUBLISHER", ("/no/such/program",))
    failure = find_failure(PublishSink(parse_server("udp://127.0.0.1:9")))
    assert isinstance(failure, NetworkError)
    assert "nothing can be published: No such file" in failure.message


def test_motion_jpeg_that_no_server_can_have_is_named() -> None:
    formats, packets = make_motion_jpeg()
    sink = PublishSink(parse_server("udp://127.0.0.1:9"))
    with pytest.raises(MediaError, match="Motion JPEG"):
        sink.open(formats, next(packets).data)
    assert isinstance(sink.failure, UnsupportedMedia)


def test_without_libsrt_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(srt, "LIBRARIES", ("no-such-library",))
    srt.load_library.cache_clear()
    with pytest.raises(MediaError, match="libsrt") as missing:
        srt.SrtOutput(parse_server("srt://127.0.0.1:9000"))
    assert "apt install" in missing.value.hint


class Feed:
    """A camera's pictures, four times as fast as in real time, until the sink fails or enough."""

    def __init__(self, sink: PublishSink) -> None:
        self.written = 0
        self.error: V380Error | None = None
        self._sink = sink
        self._is_enough = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Feed":
        self._sink.open(Formats(VIDEO.format), VIDEO.keyframe)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_enough.set()
        self._thread.join()
        self._sink.close()

    def _run(self) -> None:
        for packet in VIDEO.packets(10_000):
            try:
                self._sink.write(packet)
            except V380Error as error:
                self.error = error
                return
            self.written += 1
            if self._is_enough.wait(1 / FPS / 4):
                return


def count_misfits(units: list[list[bytes]]) -> int:
    """How many access units are not what follows on the one before."""
    sample = [split_units(Codec.H264, unit.data) for unit in VIDEO.units]
    start = sample.index(units[0])
    return sum(unit != sample[(start + n) % len(sample)] for n, unit in enumerate(units))


def test_a_server_that_comes_back_gets_the_stream_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, found = MediaServer(ServerProtocol.RTMP, f"?key={SECRET}"), tmp_path / "found.ts"
    sink = PublishSink(parse_server(server.url))
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(server.receive(tmp_path / "first.ts"))
        feed = stack.enter_context(Feed(sink))
        wait_until(lambda: sink.tally.video_packets > 20)
        first.kill()
        wait_until(lambda: "lost" in caplog.text)
        before, written = sink.tally.video_packets, feed.written
        wait_until(lambda: feed.written > written + 2 * FPS)
        with server.receive(found):
            wait_until(lambda: sink.tally.video_packets > before + 2 * FPS)
            stack.pop_all().close()
    assert len(read_video(found)) > 2 * FPS
    assert count_misfits(read_video(found)) == 0
    assert (sink.tally.reconnects, feed.error) == (1, None)
    assert sink.tally.dropped_frames > 0
    assert SECRET not in caplog.text


def test_without_reconnecting_a_lost_server_is_the_end(tmp_path: Path) -> None:
    server = MediaServer(ServerProtocol.RTMP)
    sink = PublishSink(parse_server(server.url), reconnect=False)
    with server.receive(tmp_path / "first.ts") as first, Feed(sink) as feed:
        wait_until(lambda: sink.tally.video_packets > 20)
        first.kill()
        wait_until(lambda: feed.error is not None)
    assert isinstance(feed.error, MediaError)
    assert isinstance(sink.failure, NetworkError)


def test_a_bug_on_the_way_to_the_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_link.ServerLink, "send", None)
    sink = PublishSink(parse_server("udp://127.0.0.1:9"))
    with Feed(sink) as feed:
        wait_until(lambda: feed.error is not None)
    assert isinstance(sink.failure, Bug)


def test_a_server_that_stops_reading_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does not take waits, bounded; the end is not kept waiting either."""
    set_patience(monkeypatch, open_s=TIMEOUT_S, write_s=10 * TIMEOUT_S)
    server = MediaServer(ServerProtocol.RTMP)
    sink = PublishSink(parse_server(server.url))
    with server.receive(tmp_path / "first.ts") as first:
        open_sink(sink)
        first.send_signal(signal.SIGSTOP)
        began_s = time.monotonic()
        for packet in VIDEO.packets(20_000):
            sink.write(packet)
        sink.close()
        assert time.monotonic() - began_s < TIMEOUT_S
        first.kill()
    assert sink.tally.dropped_frames > 0
