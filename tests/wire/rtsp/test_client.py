"""RTSP as a client: questions, challenges, answers and the media between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.errors import CameraBusy, CredentialsRefused, RemoteProtocolError, V380Error
from v380cli.models import Secret
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.rtp import Frame, encode_frame
from v380cli.wire.rtp_runs import PacketRun
from v380cli.wire.rtsp.authorization import Authorizer
from v380cli.wire.rtsp.client import ClientConnection, NoSuchStream
from v380cli.wire.rtsp.digest import Credentials, compute_response
from v380cli.wire.rtsp.response import MAX_BODY_BYTES, MAX_HEAD_BYTES, Response, ResponseParser

URL = "rtsp://192.0.2.10/live/ch00_1"
OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 12345678;timeout=30\r\nContent-Length: 3\r\n\r\nv=0"
MEDIA = encode_frame(0, b"\x80`packet") + encode_frame(1, b"")
DIGEST = b'WWW-Authenticate: Digest realm="v380", nonce="abc"\r\n'
REFUSED = b"RTSP/1.0 401 Unauthorized\r\nCSeq: %d\r\n" + DIGEST + b"\r\n"


def make_connection(password: str = "Circle Of Life") -> ClientConnection:
    return ClientConnection(Authorizer("Mufasa", Secret(password), "0a4f113b"))


def read_items(data: bytes, step: int) -> list[Response | Frame | PacketRun]:
    parser, items = ResponseParser(), []
    for start in range(0, len(data), step):
        parser.receive_data(data[start : start + step])
        while (item := parser.next_item()) is not None:
            items.append(item)
    return items


def test_answers_and_media_come_apart_however_they_are_cut() -> None:
    data = MEDIA + OK + b"\r\n" + MEDIA + OK
    whole = read_items(data, len(data))
    assert [type(item) for item in whole] == [Frame, Frame, Response] * 2
    assert whole[2] == Response(
        200, {"cseq": "1", "session": "12345678;timeout=30", "content-length": "3"}, b"v=0"
    )
    for step in range(1, 40):
        assert read_items(data, step) == whole


def test_what_the_server_asks_is_passed_over() -> None:
    asked = b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n"
    assert [type(item) for item in read_items(asked + MEDIA, 5)] == [Frame, Frame]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.0 400 Bad Request\r\n\r\n",
        b"\x00\x01",
        b"R" * MAX_HEAD_BYTES,
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
    ],
)
def test_what_is_not_rtsp_is_refused(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        read_items(data, len(data))


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_waited_on(data: bytes) -> None:
    connection = make_connection()
    connection.ask("DESCRIBE", URL)
    connection.receive_data(data)
    try:
        while connection.next_event() is not NEED_DATA:
            pass
    except V380Error:
        pass


def test_a_question_is_that_of_rfc_2326() -> None:
    connection = make_connection()
    connection.ask("DESCRIBE", URL, {"Accept": "application/sdp"})
    assert connection.data_to_send() == (
        b"DESCRIBE rtsp://192.0.2.10/live/ch00_1 RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: v380\r\n"
        b"Accept: application/sdp\r\n\r\n"
    )
    assert connection.data_to_send() == b""


def test_the_session_is_told_with_each_question_after_its_first() -> None:
    connection = make_connection()
    connection.ask("SETUP", URL)
    connection.receive_data(OK)
    assert isinstance(connection.next_event(), Response)
    assert connection.session_s == 30
    connection.data_to_send()
    connection.ask("PLAY", URL)
    assert b"\r\nSession: 12345678\r\n" in connection.data_to_send()


def test_a_challenge_is_answered_once() -> None:
    """The response is the one that md5sum computes, see test_rtsp_digest."""
    connection = make_connection()
    connection.ask("DESCRIBE", URL)
    assert b"Authorization" not in connection.data_to_send()
    connection.receive_data(REFUSED % 1)
    assert connection.next_event() is NEED_DATA
    credentials = Credentials("Mufasa", Secret("Circle Of Life"))
    response = compute_response(credentials, "abc", "DESCRIBE", URL)
    assert f'response="{response}"'.encode() in connection.data_to_send()
    connection.receive_data(REFUSED % 2)
    with pytest.raises(CredentialsRefused):
        connection.next_event()


def test_a_nonce_that_went_stale_is_no_refusal() -> None:
    connection = make_connection()
    connection.ask("DESCRIBE", URL)
    connection.receive_data(REFUSED % 1)
    assert connection.next_event() is NEED_DATA
    stale = (REFUSED % 2).replace(b'"abc"', b'"def", stale=TRUE')
    connection.receive_data(stale)
    assert connection.next_event() is NEED_DATA
    assert b'nonce="def"' in connection.data_to_send()


def test_the_digest_with_qop_is_that_of_rfc_2617() -> None:
    """The example in its section 3.5, which is HTTP's."""
    authorizer = Authorizer("Mufasa", Secret("Circle Of Life"), "0a4f113b")
    assert authorizer.take_challenge(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    header = authorizer.authorize("GET", "/dir/index.html")
    assert 'response="6629fae49393a05397450978507c4ef1"' in header
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in header


def test_the_digest_with_sha_256_is_that_of_rfc_7616() -> None:
    """The example in its section 3.9.1; it is chosen before MD5."""
    client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    authorizer = Authorizer("Mufasa", Secret("Circle of Life"), client_nonce)
    challenge = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=%s, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
    )
    assert authorizer.take_challenge(f"{challenge % 'MD5'}\n{challenge % 'SHA-256'}")
    header = authorizer.authorize("GET", "/dir/index.html")
    response = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert f'response="{response}"' in header


def test_basic_is_answered_where_nothing_else_is_offered() -> None:
    authorizer = Authorizer("Aladdin", Secret("open sesame"), "")
    assert authorizer.take_challenge('Basic realm="x"')
    assert authorizer.authorize("DESCRIBE", URL) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert not authorizer.take_challenge("Negotiate abc")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, CredentialsRefused),
        (404, NoSuchStream),
        (453, CameraBusy),
        (461, NoSuchStream),
        (500, RemoteProtocolError),
        (503, CameraBusy),
    ],
)
def test_what_a_no_means(status: int, kind: type[V380Error]) -> None:
    connection = make_connection()
    connection.ask("DESCRIBE", URL)
    connection.receive_data(b"RTSP/1.0 %d Whatever\r\nCSeq: 1\r\n\r\n" % status)
    with pytest.raises(kind):
        connection.next_event()


@pytest.mark.parametrize("number", [b"9" * 5000, b"one", b""])
def test_a_number_that_makes_no_sense_is_not_that_of_an_older_question(number: bytes) -> None:
    connection = make_connection()
    connection.ask("PLAY", URL)
    connection.receive_data(b"RTSP/1.0 200 OK\r\nCSeq: " + number + b"\r\n\r\n")
    assert isinstance(connection.next_event(), Response)


def test_the_answer_to_a_sign_of_life_does_not_matter() -> None:
    connection = make_connection()
    connection.notify("GET_PARAMETER", URL)
    connection.receive_data(b"RTSP/1.0 454 Session Not Found\r\nCSeq: 1\r\n\r\n" + MEDIA)
    assert connection.next_event() == Frame(0, b"\x80`packet")


def test_a_sign_of_life_whose_nonce_went_stale_is_given_anew() -> None:
    connection = make_connection()
    connection.ask("PLAY", URL)
    connection.receive_data(REFUSED % 1 + b"RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n")
    assert isinstance(connection.next_event(), Response)
    connection.notify("GET_PARAMETER", URL)
    connection.data_to_send()
    stale = (REFUSED % 3).replace(b'"abc"', b'"def", stale=true')
    connection.receive_data(stale)
    assert connection.next_event() is NEED_DATA
    again = connection.data_to_send()
    assert again.startswith(b"GET_PARAMETER ") and b'nonce="def"' in again
    connection.receive_data(REFUSED % 4 + MEDIA)
    assert connection.next_event() == Frame(0, b"\x80`packet")
    assert connection.data_to_send() == b""
