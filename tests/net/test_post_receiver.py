"""What strangers post, over loopback: tolerant, and bounded."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from v380cli.errors import NetworkError
from v380cli.net import post_receiver
from v380cli.net.post_receiver import BODY_MAX_BYTES, Post, PostReceiver


class Desk:
    """Keeps what comes, and knows one path."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    def answer(self, post: Post) -> bytes:
        self.posts.append(post)
        return b'{"result": 1000}' if post.path == "/known" else b""


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def port(desk: Desk) -> Iterator[int]:
    with PostReceiver([("127.0.0.1", 0)], desk.answer) as receiver:
        yield receiver.ports[0]


def talk(port: int, data: bytes, *, hangs_up: bool = False) -> bytes:
    """All that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.sendall(data)
        if hangs_up:
            sock.shutdown(socket.SHUT_WR)
        pieces = iter(lambda: sock.recv(1 << 16), b"")
        return b"".join(pieces)


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /known HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"POST /known?a=b HTTP/1.0\r\ncontent-length:5\r\n\r\nhello and more",
        b"POST /known HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        b"POST /known HTTP/1.1\r\n\r\nhello",
    ],
    ids=["length", "old", "chunks", "no length"],
)
def test_a_body_is_read_however_it_is_sent(desk: Desk, port: int, request_: bytes) -> None:
    reply = talk(port, request_)
    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert reply.endswith(b'{"result": 1000}')
    (post,) = desk.posts
    assert (post.path, post.body, post.host, post.port) == ("/known", b"hello", "127.0.0.1", port)


def test_who_asks_first_is_told_to_go_on(desk: Desk, port: int) -> None:
    head = b"POST /known HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert talk(port, head + b"hi").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_what_is_not_known_is_not_found(port: int) -> None:
    assert talk(port, b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /known HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_MAX_BYTES + 1),
        b"POST /known HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /known HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /known HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        b"POST /known HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
        b"POST /known HTTP/1.1\r\nX: " + b"x" * (64 << 10) + b"\r\n\r\n",
        b"POST /known HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"\r\n",
    ],
    ids=range(8),
)
def test_what_is_too_much_or_makes_no_sense_ends_that_connection_only(
    desk: Desk, port: int, request_: bytes
) -> None:
    with contextlib.suppress(ConnectionResetError):  # there was more than was read
        assert talk(port, request_, hangs_up=True) == b""
    assert desk.posts == []
    assert talk(port, b"POST /known HTTP/1.1\r\nContent-Length: 0\r\n\r\n")


def test_a_body_without_an_end_is_bounded(
    desk: Desk, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_receiver, "BODY_MAX_BYTES", 10)
    with contextlib.suppress(ConnectionResetError):
        assert talk(port, b"POST /known HTTP/1.1\r\n\r\n" + b"x" * 11) == b""
    assert desk.posts == []


def test_a_port_that_is_taken_leaves_none_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(NetworkError):
        PostReceiver([("127.0.0.1", 0), ("127.0.0.1", taken.getsockname()[1])], lambda _: b"")


def test_who_says_nothing_more_holds_up_nobody(desk: Desk, port: int) -> None:
    with contextlib.ExitStack() as silent:
        for said in [b"", b"POST /known HTTP/1.1\r\nContent-Length: 9\r\n\r\n"] * 8:
            sock = silent.enter_context(socket.create_connection(("127.0.0.1", port), 60))
            sock.sendall(said)
        assert talk(port, b"POST /known HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
    assert [post.body for post in desk.posts] == [b"hi"]


def test_of_bodies_that_are_too_much_together_the_largest_makes_room(
    desk: Desk, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_receiver, "MAX_HELD_BYTES", 10)
    with (
        socket.create_connection(("127.0.0.1", port), 60) as small,
        socket.create_connection(("127.0.0.1", port), 60) as large,
    ):
        small.sendall(b"POST /known HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell")
        large.sendall(b"POST /known HTTP/1.1\r\nContent-Length: 9\r\n\r\n" + b"x" * 8)
        assert large.recv(1) == b""
        small.sendall(b"o")
        assert small.recv(8) == b"HTTP/1.1"
    assert [post.body for post in desk.posts] == [b"hello"]
