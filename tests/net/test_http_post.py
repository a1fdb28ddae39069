"""What a camera answers to a POST, sound or not."""

import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.errors import RemoteProtocolError
from v380cli.net.http_post import HttpAnswer, parse_answer, post
from v380cli.net.stream import TcpChannel

MAX_BYTES = 1 << 16
HEAD = b"HTTP/1.1 200 OK\r\n"


def answer_post(answer: bytes) -> HttpAnswer:
    """What comes of an answer after which the camera hangs up."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        return post(lambda: TcpChannel(ours, "camera"), "/", "camera", {}, b"", MAX_BYTES)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 2\r\n\r\nhi",
        HEAD + b"Content-Length: 2\r\n\r\nhi and more",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        HEAD + b"\r\nhi",
    ],
)
def test_a_body_is_as_long_as_its_head_says(answer: bytes) -> None:
    assert answer_post(answer).body == b"hi"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello",
        HEAD + b"Content-Length: 9\r\n\r\nhi",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nhi\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_the_cameras_fault(answer: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        answer_post(answer)


def test_a_length_that_is_no_length_counts_as_none() -> None:
    assert answer_post(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n").status == 200


@given(
    st.binary() | st.binary().map(lambda data: HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + data)
)
def test_whatever_comes_is_parsed_or_refused(data: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        parse_answer(data)
