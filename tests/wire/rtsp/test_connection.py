"""RTSP, the server's side: requests, states, transports, answers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.errors import RemoteProtocolError
from v380cli.wire.rtp import TrackStart
from v380cli.wire.rtsp import message
from v380cli.wire.rtsp.connection import (
    METHODS,
    Describe,
    Pause,
    Play,
    ServerConnection,
    Setup,
    State,
    Teardown,
    Wish,
)
from v380cli.wire.rtsp.message import Request, RequestParser, Status
from v380cli.wire.rtsp.path import Path, parse_path
from v380cli.wire.rtsp.transport import Datagrams, Interleaved, Transport, choose_transport

PEER = "192.0.2.7"
SESSION = "5e551011"
URL = "rtsp://192.0.2.1:8554/porch"
TCP = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}
# As players send them (ffmpeg, GStreamer, live555), with a receiver report between.
CONVERSATION = (
    b"OPTIONS rtsp://192.0.2.1:8554/porch RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Lavf59\r\n\r\n"
    b"DESCRIBE rtsp://192.0.2.1:8554/porch RTSP/1.0\r\nAccept: application/sdp\r\nCSeq: 2\r\n\r\n"
    b"$\x01\x00\x08\x80\xc9\x00\x01\r\n\r\n"
    b"SET_PARAMETER rtsp://192.0.2.1:8554/porch RTSP/1.0\nCSeq: 3\nContent-Length: 4\n\na: b"
    b"\r\nGET_PARAMETER * RTSP/1.0\r\ncseq:4\r\n\r\n"
)
REQUESTS = [
    Request("OPTIONS", URL, "RTSP/1.0", {"cseq": "1", "user-agent": "Lavf59"}),
    Request("DESCRIBE", URL, "RTSP/1.0", {"accept": "application/sdp", "cseq": "2"}),
    Request("SET_PARAMETER", URL, "RTSP/1.0", {"cseq": "3", "content-length": "4"}, b"a: b"),
    Request("GET_PARAMETER", "*", "RTSP/1.0", {"cseq": "4"}),
]


def parse(*pieces: bytes) -> list[Request]:
    parser, requests = RequestParser(), []
    for piece in pieces:
        parser.receive_data(piece)
        while request := parser.next_request():
            requests.append(request)
    assert not parser.is_amid
    return requests


def test_a_conversation_reads_the_same_whole_and_byte_by_byte() -> None:
    assert parse(CONVERSATION) == REQUESTS
    assert parse(*(CONVERSATION[n : n + 1] for n in range(len(CONVERSATION)))) == REQUESTS


@given(st.lists(st.integers(0, len(CONVERSATION)), max_size=8))
def test_a_conversation_reads_the_same_however_it_is_cut(cuts: list[int]) -> None:
    ends = [*sorted(cuts), len(CONVERSATION)]
    starts = [0, *ends]
    assert parse(*(CONVERSATION[a:b] for a, b in zip(starts, ends, strict=False))) == REQUESTS


PIECES = [
    *(b"OPTIONS ", b"SETUP rtsp://a/b RTSP/1.0\r\n", b"RTSP/1.0", b"\r\n", b"\r\n\r\n", b"$"),
    *(b"CSeq: 1\r\n", b"Content-Length: 9\r\n", b"Content-Length: -1\r\n", b"$\0\0\4abcd", b"\0"),
    *(b"Transport: RTP/AVP/TCP;interleaved=0-1\r\n", b"Session: 1\r\n", b"Require: x\r\n", b":"),
    *(b"Authorization: Digest response=\r\n", b"\xff" * 40, b"a" * 300, b" " * 300, b"\n"),
]
garbage = st.lists(st.sampled_from(PIECES) | st.binary(max_size=40), max_size=30).map(b"".join)


@given(garbage)
def test_garbage_is_answered_or_ends_the_conversation(data: bytes) -> None:
    whole, by_byte = make_connection(), make_connection()
    assert feed(whole, data) == b"".join(feed(by_byte, bytes([byte])) for byte in data)
    assert whole.is_over == by_byte.is_over


def feed(connection: ServerConnection, data: bytes) -> bytes:
    """What a server that refuses everything answers."""
    if connection.is_over:
        return b""
    connection.receive_data(data)
    while connection.next_wish(0.0) is not None:
        connection.refuse(Status.SERVICE_UNAVAILABLE)
    return connection.data_to_send()


@given(garbage)
def test_a_parser_raises_one_error(data: bytes) -> None:
    parser = RequestParser()
    try:
        for at in range(0, len(data), 7):
            parser.receive_data(data[at : at + 7])
            while parser.next_request():
                pass
    except RemoteProtocolError:
        pass


@pytest.mark.parametrize(
    "data",
    [
        b"OPTIONS * RTSP/1.0\r\n" + b"X: y\r\n" * (message.MAX_HEADERS + 1),
        b"O" * (message.MAX_HEAD_BYTES + 1),
        b"OPTIONS * RTSP/1.0\r\n" + b"X: " + b"y" * message.MAX_HEAD_BYTES,
        b"OPTIONS * RTSP/1.0\r\nContent-Length: %d\r\n\r\n" % (message.MAX_BODY_BYTES + 1),
        b"OPTIONS * RTSP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: \xd9\xa3\r\n\r\n",  # a digit, not an ASCII one
        b"OPTIONS * RTSP/1.0\r\n folded\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nX: a\rb\r\n\r\n",
        b"options * RTSP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\n",
    ],
)
def test_what_is_no_request_is_answered_once_and_for_all(data: bytes) -> None:
    connection = make_connection()
    connection.receive_data(data)
    assert connection.next_wish(0.0) is None
    assert connection.data_to_send().startswith(b"RTSP/1.0 400 Bad request\r\n")
    assert connection.is_over
    connection.receive_data(CONVERSATION)
    assert connection.next_wish(0.0) is None
    assert connection.data_to_send() == b""


# -- states -------------------------------------------------------------------------------------


def make_connection() -> ServerConnection:
    return ServerConnection(PEER, SESSION)


def ask(
    connection: ServerConnection,
    method: str,
    uri: str = URL,
    headers: dict[str, str] | None = None,
    *,
    session: str = "",
) -> Wish | None:
    """Send one request; return the wish that comes of it."""
    all_headers = {"CSeq": "7", **({"Session": session} if session else {}), **(headers or {})}
    lines = [f"{method} {uri} RTSP/1.0", *(f"{n}: {v}" for n, v in all_headers.items()), "", ""]
    connection.receive_data("\r\n".join(lines).encode())
    return connection.next_wish(0.0)


def read_status(connection: ServerConnection) -> int:
    """The status of the one answer that there is."""
    (status,) = re.findall(rb"^RTSP/1\.0 (\d{3}) ", connection.data_to_send(), re.MULTILINE)
    return int(status)


def read_state(connection: ServerConnection) -> State:
    return connection.state


def set_up(connection: ServerConnection) -> None:
    """Bring a session into the state READY, with a track."""
    assert ask(connection, "SETUP", f"{URL}/trackID=0", TCP)
    connection.accept_setup()
    connection.data_to_send()


def play(connection: ServerConnection) -> None:
    set_up(connection)
    assert ask(connection, "PLAY", session=SESSION) == Play()
    connection.accept_play([])
    connection.data_to_send()


def test_a_player_goes_from_options_to_teardown() -> None:
    connection = make_connection()
    assert ask(connection, "OPTIONS") is None
    assert f"Public: {', '.join(METHODS)}\r\n".encode() in connection.data_to_send()

    assert ask(connection, "DESCRIBE") == Describe("porch")
    connection.accept_describe("v=0\r\n")
    assert connection.data_to_send() == (
        b"RTSP/1.0 200 OK\r\nCSeq: 7\r\nServer: v380\r\n"
        b"Content-Base: rtsp://192.0.2.1:8554/porch/\r\nContent-Type: application/sdp\r\n"
        b"Content-Length: 5\r\n\r\nv=0\r\n"
    )

    setup = ask(connection, "SETUP", f"{URL}/trackID=0", TCP)
    assert setup == Setup("porch", 0, Interleaved(0, 1))
    connection.accept_setup()
    assert connection.data_to_send() == (
        b"RTSP/1.0 200 OK\r\nCSeq: 7\r\nServer: v380\r\nSession: 5e551011;timeout=60\r\n"
        b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
    )

    assert ask(connection, "PLAY", f"{URL}/", session=SESSION) == Play()
    connection.accept_play([TrackStart(0, 90_000, 17), TrackStart(1, 8000)])
    assert connection.data_to_send() == (
        b"RTSP/1.0 200 OK\r\nCSeq: 7\r\nServer: v380\r\nSession: 5e551011;timeout=60\r\n"
        b"Range: npt=now-\r\n"
        b"RTP-Info: url=rtsp://192.0.2.1:8554/porch/trackID=0;seq=17;rtptime=90000,"
        b"url=rtsp://192.0.2.1:8554/porch/trackID=1;rtptime=8000\r\n\r\n"
    )
    assert read_state(connection) is State.PLAYING

    assert ask(connection, "PAUSE", session=SESSION) == Pause()
    connection.accept()
    assert read_status(connection) == 200
    assert read_state(connection) is State.READY
    assert ask(connection, "TEARDOWN", session=SESSION) == Teardown()
    connection.accept()
    assert read_status(connection) == 200
    assert read_state(connection) is State.INIT
    assert ask(connection, "PLAY", session=SESSION) is None
    assert read_status(connection) == 454


def test_datagrams_are_told_our_ports() -> None:
    connection = make_connection()
    udp = {"Transport": "RTP/AVP/UDP;unicast;client_port=5000-5001"}
    assert ask(connection, "SETUP", f"{URL}/trackID=1", udp) == Setup(
        "porch", 1, Datagrams(5000, 5001)
    )
    connection.accept_setup((6970, 6971))
    assert (
        b"Transport: RTP/AVP;unicast;client_port=5000-5001;server_port=6970-6971\r\n"
        in connection.data_to_send()
    )


@pytest.mark.parametrize(
    ("method", "uri", "headers", "status"),
    [
        ("DESCRIBE", "rtsp://192.0.2.1/", {}, 404),
        ("DESCRIBE", "rtsp://[bad/porch", {}, 404),
        ("SETUP", f"{URL}/trackID=7", TCP, 404),
        ("PLAY", URL, {}, 455),
        ("PAUSE", URL, {}, 455),
        ("TEARDOWN", URL, {}, 455),
        ("PLAY", URL, {"Session": "1"}, 454),
        ("GET_PARAMETER", URL, {"Session": "1"}, 454),
        ("GET_PARAMETER", URL, {}, 200),
        ("SET_PARAMETER", URL, {}, 200),
        ("SETUP", URL, TCP, 459),
        ("SETUP", f"{URL}/trackID=0", {}, 461),
        ("SETUP", f"{URL}/trackID=0", {"Transport": "RAW/RAW/UDP;client_port=1-2"}, 461),
        ("ANNOUNCE", URL, {}, 501),
        ("DESCRIBE", URL, {"Require": "implicit-play"}, 551),
        ("DESCRIBE", URL, {"CSeq": "x"}, 400),
    ],
)
def test_what_cannot_be_meant_is_refused_and_the_next_is_not(
    method: str, uri: str, headers: dict[str, str], status: int
) -> None:
    connection = make_connection()
    assert ask(connection, method, uri, headers) is None
    assert read_status(connection) == status
    assert ask(connection, "DESCRIBE") == Describe("porch")


@pytest.mark.parametrize(
    ("method", "uri", "headers", "session", "status"),
    [
        ("PLAY", URL, {}, "", 454),
        ("PLAY", URL, {}, "wrong", 454),
        ("DESCRIBE", "rtsp://192.0.2.1/yard", {}, SESSION, 455),
        ("PLAY", "rtsp://192.0.2.1/yard", {}, SESSION, 459),
        ("PLAY", f"{URL}/trackID=1", {}, SESSION, 459),
        ("PAUSE", URL, {}, SESSION, 200),
        ("SETUP", "rtsp://192.0.2.1/yard/trackID=1", TCP, SESSION, 459),
        ("SETUP", f"{URL}/trackID=1", TCP, SESSION, 461),  # the channels of the first track
        ("SETUP", f"{URL}/trackID=1", {"Transport": "RTP/AVP;client_port=4-5"}, SESSION, 461),
    ],
)
def test_a_session_is_of_one_stream_and_one_kind(
    method: str, uri: str, headers: dict[str, str], session: str, status: int
) -> None:
    connection = make_connection()
    set_up(connection)
    assert ask(connection, method, uri, headers, session=session) is None
    assert read_status(connection) == status
    assert ask(connection, "PLAY", session=f"{SESSION};timeout=60") == Play()


def test_a_session_that_plays_takes_no_other_track() -> None:
    connection = make_connection()
    play(connection)
    assert ask(connection, "SETUP", f"{URL}/trackID=1", TCP, session=SESSION) is None
    assert read_status(connection) == 455
    assert ask(connection, "PLAY", session=SESSION) is None  # it does already
    assert read_status(connection) == 200


def test_another_version_is_told_so() -> None:
    connection = make_connection()
    connection.receive_data(b"OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n")
    assert connection.next_wish(0.0) is None
    assert read_status(connection) == 505


def test_requests_in_a_row_wait_for_their_turn() -> None:
    connection = make_connection()
    connection.receive_data(CONVERSATION)
    assert connection.next_wish(0.0) == Describe("porch")
    connection.refuse(Status.SERVICE_UNAVAILABLE)
    assert connection.next_wish(0.0) is None
    answers = re.findall(rb"RTSP/1.0 (\d+) [^\r]+\r\nCSeq: (\d)", connection.data_to_send())
    assert answers == [(b"200", b"1"), (b"503", b"2"), (b"200", b"3"), (b"200", b"4")]


# -- transports and addresses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "transport"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=4-5", Interleaved(4, 5)),
        ("RTP/AVP/TCP;interleaved=4", Interleaved(4, 5)),
        ("RTP/AVP/TCP;unicast", Interleaved(2, 3)),
        ("RTP/AVP;unicast;client_port=5000-5001", Datagrams(5000, 5001)),
        ('RTP/AVP/UDP; unicast; client_port=5000-5001; mode="PLAY"', Datagrams(5000, 5001)),
        ("RTP/AVP;multicast, RTP/AVP;client_port=8-9,RTP/AVP/TCP", Datagrams(8, 9)),
        (f"RTP/AVP;client_port=8-9;destination={PEER}", Datagrams(8, 9)),
        ("RTP/AVP;client_port=8-9;destination=192.0.2.99", None),
        ("RTP/AVP;unicast;client_port=0-1", None),
        ("RTP/AVP;unicast;client_port=65535", None),
        ("RTP/AVP;unicast;client_port=7-7", None),
        ("RTP/AVP/TCP;interleaved=255", None),
        ("RTP/AVP/TCP;interleaved=-1", None),
        ("RTP/AVP;unicast", None),
        ("RTP/AVP/TCP;mode=record", None),
        ("RTP/SAVP/TCP", None),
        ("", None),
    ],
)
def test_a_transport_is_chosen_that_we_have(header: str, transport: Transport | None) -> None:
    assert choose_transport(header, PEER, 2) == transport


@given(st.text(max_size=60))
def test_any_text_may_be_offered(header: str) -> None:
    choose_transport(header, PEER, 0)
    parse_path(header)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("rtsp://h:8554/porch", Path("porch")),
        ("rtsp://h:8554/porch/", Path("porch")),
        ("rtsp://u:p@h/porch/sd", Path("porch/sd")),
        ("rtsp://h/porch/sd/trackID=1", Path("porch/sd", 1)),
        ("rtsp://h/K%C3%BCche/trackID=0?x=y", Path("Küche", 0)),
        ("/porch", Path("porch")),
        ("rtsp://h", None),
        ("*", Path("*")),
        ("rtsp://h/porch/trackID=2", None),
    ],
)
def test_an_address_names_a_stream_or_a_track(uri: str, path: Path | None) -> None:
    assert parse_path(uri) == path
