"""The RTSP server with a source made of nothing: who gets what, and who disturbs nobody."""

import contextlib
import os
import socket
from collections.abc import Iterator
from unittest import mock

import pytest

from tests.net.fake_source import SDP, TIMEOUT_S, FakeSource
from tests.net.rtsp_client import RtspClient, find_nonce, make_frames
from v380cli.errors import NetworkError, UnsupportedMedia
from v380cli.models import Secret
from v380cli.net import gate, rtp_sender, rtsp_player
from v380cli.net.rtsp_server import RtspServer
from v380cli.wire.rtp import encode_frame, encode_sender_report, split_frames
from v380cli.wire.rtsp.digest import Credentials

KNOWN = Credentials("viewer", Secret("a-password-of-the-tests"))
BOTH = ("RTP/AVP/TCP;interleaved=0-1", "RTP/AVP/TCP;interleaved=2-3")
REPORT = encode_frame(1, encode_sender_report(1, 0.0, 90_000, 0, 0, "x"))


@pytest.fixture
def source() -> FakeSource:
    source = FakeSource()
    source.pieces = []
    return source


@pytest.fixture
def server(source: FakeSource) -> Iterator[RtspServer]:
    with RtspServer({"porch": source}.get, "127.0.0.1", 0) as server:
        yield server


@pytest.fixture
def locked(source: FakeSource) -> Iterator[RtspServer]:
    with RtspServer({"porch": source}.get, "127.0.0.1", 0, KNOWN) as server:
        yield server


def test_a_player_gets_what_the_feed_gives(server: RtspServer, source: FakeSource) -> None:
    source.pieces = [REPORT + make_frames(7), make_frames(8)]
    with RtspClient(server.port) as player:
        assert player.ask("DESCRIBE").body.decode() == SDP
        answer = player.play(*BOTH)
        assert answer.headers["rtp-info"] == f"url={player.url}/trackID=0;seq=7;rtptime=90000"
        source.feeds[0].add(make_frames(9))
        wanted = [f for n in (7, 8, 9) for f in split_frames(make_frames(n))]
        assert player.read_frame() == next(split_frames(REPORT))
        assert [player.read_frame() for _ in wanted] == wanted
        source.feeds[0].add(None)
        assert player.read_frame() is None
    source.wait_for_viewers(0)
    source.wait_for_holders(0)


def test_a_player_chooses_its_channels_and_its_tracks(
    server: RtspServer, source: FakeSource
) -> None:
    source.pieces = [make_frames(1), make_frames(2)]
    with RtspClient(server.port) as player:
        player.play("RTP/AVP/TCP;interleaved=10-11")
        numbers = [player.read_frame() for _ in range(2)]
    assert [frame.channel for frame in numbers if frame] == [10, 10]


def test_datagrams_come_from_the_ports_that_were_told(
    server: RtspServer, source: FakeSource
) -> None:
    with bind_pair() as (rtp, rtcp), RtspClient(server.port) as player:
        ports = f"{rtp.getsockname()[1]}-{rtcp.getsockname()[1]}"
        transport = f"RTP/AVP;unicast;client_port={ports}"
        assert player.ask("DESCRIBE").status == 200
        answer = player.ask("SETUP", "/trackID=0", Transport=transport)
        told = answer.headers["transport"].partition("server_port=")[2].split("-")
        assert int(told[0]) % 2 == 0
        assert int(told[1]) == int(told[0]) + 1
        player.session = answer.headers["session"].partition(";")[0]
        assert player.ask("PLAY").status == 200
        source.feeds[0].add(REPORT + make_frames(1))
        packet, sender = rtp.recvfrom(2048)
        assert packet == next(split_frames(make_frames(1))).packet
        assert sender == ("127.0.0.1", int(told[0]))
        assert rtcp.recvfrom(2048)[1] == ("127.0.0.1", int(told[1]))
        assert player.ask("TEARDOWN").status == 200
        source.wait_for_viewers(0)
        player.session = ""
        assert player.ask("OPTIONS").status == 200


@contextlib.contextmanager
def bind_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with contextlib.ExitStack() as stack:
        pair = [stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(2)]
        for sock in pair:
            sock.settimeout(TIMEOUT_S)
            sock.bind(("127.0.0.1", 0))
        yield pair[0], pair[1]


def test_no_datagrams_go_to_somebody_else(server: RtspServer) -> None:
    with RtspClient(server.port) as player:
        transport = "RTP/AVP;unicast;client_port=5000-5001;destination=127.0.0.2"
        assert player.ask("SETUP", "/trackID=0", Transport=transport).status == 461


def test_who_pauses_gets_nothing_and_plays_on(server: RtspServer, source: FakeSource) -> None:
    with RtspClient(server.port) as player:
        player.play()
        assert player.ask("PAUSE").status == 200
        source.wait_for_viewers(0)
        source.pieces = [make_frames(5)]
        assert player.ask("PLAY").status == 200
        assert player.read_frame() == next(split_frames(make_frames(5)))
        assert source.holders == 1


def test_who_was_told_of_another_stream_is_not_played_this_one(
    server: RtspServer, source: FakeSource
) -> None:
    with RtspClient(server.port) as player:
        assert player.ask("DESCRIBE").status == 200
        player.play()
        assert player.ask("PAUSE").status == 200
        with mock.patch.object(source, "describe_rtp", return_value=SDP.replace("96", "97")):
            assert player.ask("PLAY").status == 503
            source.wait_for_viewers(0)
            assert player.ask("DESCRIBE").status == 200
            assert player.ask("PLAY").status == 200


@pytest.mark.parametrize(("path", "status"), [("/yard", 404), ("/porch/sd", 404), ("/porch", 503)])
def test_what_is_not_there_is_told(
    path: str, status: int, server: RtspServer, source: FakeSource
) -> None:
    source.failure = NetworkError("the camera is off")
    with RtspClient(server.port, path) as player:
        assert player.ask("DESCRIBE").status == status
        assert player.ask("OPTIONS").status == 200


def test_what_cannot_be_had_in_rtp_is_told(server: RtspServer, source: FakeSource) -> None:
    trouble = UnsupportedMedia("Motion JPEG")
    with RtspClient(server.port) as player:
        with mock.patch.object(source, "describe_rtp", side_effect=trouble):
            assert player.ask("DESCRIBE").status == 503
        assert player.ask("DESCRIBE").status == 200
        player.play()
        assert player.ask("PAUSE").status == 200
        with mock.patch.object(source, "watch_rtp", side_effect=trouble):
            assert player.ask("PLAY").status == 503
        assert player.ask("PLAY").status == 200


def test_the_first_picture_is_waited_for_but_not_for_ever(
    server: RtspServer, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_player, "FIRST_PICTURE_S", 0.1)
    source.has_started = False
    with RtspClient(server.port) as player:
        assert player.ask("DESCRIBE").status == 503
        monkeypatch.setattr(rtsp_player, "FIRST_PICTURE_S", TIMEOUT_S)
        player.sock.sendall(b"DESCRIBE %b RTSP/1.0\r\nCSeq: 9\r\n\r\n" % player.url.encode())
        source.wait_for_holders(1)
        source.has_started = True
        assert player.read_answer().status == 200


# -- passwords ----------------------------------------------------------------------------------


def test_a_password_is_asked_for_and_lets_in(locked: RtspServer, source: FakeSource) -> None:
    source.pieces = [make_frames(1)]
    with RtspClient(locked.port, credentials=KNOWN) as player:
        player.play()
        assert player.read_frame() == next(split_frames(make_frames(1)))


def test_a_missing_or_wrong_password_opens_no_camera(
    locked: RtspServer, source: FakeSource
) -> None:
    wrong = Credentials(KNOWN.username, Secret("another"))
    for credentials in (None, wrong):
        with RtspClient(locked.port, credentials=credentials) as player:
            assert player.ask("DESCRIBE").status == 401
            assert player.ask("SETUP", "/trackID=0", Transport=BOTH[0]).status == 401
    assert source.holders == 0


def test_an_answer_that_was_overheard_is_of_no_use(locked: RtspServer, source: FakeSource) -> None:
    with RtspClient(locked.port, credentials=KNOWN) as player, RtspClient(locked.port) as thief:
        assert player.ask("DESCRIBE").status == 200
        overheard = player.authorize("DESCRIBE", player.url)
        assert find_nonce(thief.ask("DESCRIBE")) != player.nonce
        assert thief.ask("DESCRIBE", Authorization=overheard).status == 401
        assert source.holders == 1


# -- bounds -------------------------------------------------------------------------------------

NONSENSE = [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\n", b"A" * 9000, os.urandom(3000) + b"\n"]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=["http", "tls", "long", "random"])
def test_nonsense_disturbs_nobody(
    nonsense: bytes,
    server: RtspServer,
    source: FakeSource,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with RtspClient(server.port) as player, RtspClient(server.port) as stranger:
        player.play()
        stranger.sock.sendall(nonsense)
        stranger.read_end()
        source.feeds[0].add(make_frames(3))
        assert player.read_frame() == next(split_frames(make_frames(3)))
    assert capfd.readouterr() == ("", "")
    assert caplog.messages == []


def test_a_player_that_is_killed_or_stalls_disturbs_nobody(
    server: RtspServer, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtp_sender, "STALLED_S", 0.2)
    with RtspClient(server.port) as quick:
        quick.play()
        with RtspClient(server.port, receive_buffer=4096) as stalled:
            stalled.play()
            source.feeds[1].add(*(make_frames(n, bytes(60_000)) for n in range(100)))
            source.wait_for_viewers(1)
        with RtspClient(server.port) as killed:
            killed.play()
            source.wait_for_viewers(2)
        source.wait_for_viewers(1)
        source.feeds[0].add(make_frames(3))
        assert quick.read_frame() == next(split_frames(make_frames(3)))


@pytest.mark.parametrize("start", [b"", b"OPTIONS rtsp", b"$\0\xff\xff", b"OPTIONS * RTSP/1.0\r\n"])
def test_who_says_nothing_whole_is_sent_away(
    start: bytes, server: RtspServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_player, "MESSAGE_S", 0.2)
    with RtspClient(server.port) as player:
        player.sock.sendall(start)
        player.read_end()


def test_a_session_that_is_forgotten_ends(
    server: RtspServer, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtsp_player, "IDLE_S", 0.2)
    with RtspClient(server.port) as player:
        assert player.ask("DESCRIBE").status == 200
        player.read_end()
    source.wait_for_holders(0)


def test_half_open_connections_stop_nobody(server: RtspServer, source: FakeSource) -> None:
    """A thousand of them, more than there is room for."""
    idle = []
    try:
        with RtspClient(server.port) as player:
            player.play()
            for _ in range(1000):
                idle.append(socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S))
            with RtspClient(server.port) as late:
                late.play()
                for feed in source.feeds:
                    feed.add(make_frames(3))
                for each in (player, late):
                    assert each.read_frame() == next(split_frames(make_frames(3)))
    finally:
        for sock in idle:
            sock.close()


def test_those_who_watch_are_not_sent_away_for_others(
    source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MAX_CONNECTIONS", 4)
    monkeypatch.setattr(gate, "SHARE_OF_ADDRESS", 2)
    with (
        RtspServer({"porch": source}.get, "127.0.0.1", 0) as server,
        RtspClient(server.port) as first,
        RtspClient(server.port) as second,
    ):
        first.play()
        second.play()
        with RtspClient(server.port) as third:
            third.read_end()
        assert first.ask("GET_PARAMETER").status == 200
        assert second.ask("GET_PARAMETER").status == 200


def test_the_end_comes_soon_whoever_is_there(source: FakeSource) -> None:
    with contextlib.ExitStack() as stack:
        with RtspServer({"porch": source}.get, "127.0.0.1", 0) as server:
            idle = stack.enter_context(RtspClient(server.port))
            playing = stack.enter_context(RtspClient(server.port))
            playing.play()
        idle.read_end()
        playing.read_end()
    assert (source.feeds, source.holders) == ([], 0)


def test_a_port_that_is_taken_is_told(server: RtspServer) -> None:
    with pytest.raises(NetworkError, match=r"cannot serve on 127\.0\.0\.1"):
        RtspServer(lambda _: None, "127.0.0.1", server.port)
