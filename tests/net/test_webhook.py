"""Events posted to a web server on loopback."""

import hashlib
import hmac
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from v380cli.errors import InvalidInput, NetworkError
from v380cli.models import Secret
from v380cli.net.webhook import Webhook, WebhookRefused


class Server:
    """Answers with `status` and keeps what came."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.requests.append((self.path, dict(self.headers), body))
                self.send_response(kept.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=a"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_it_posts_json_signed_with_the_secret(server: Server) -> None:
    Webhook(server.url, Secret("sesame")).post(b'{"event": "alarm"}')
    ((path, headers, body),) = server.requests
    digest = hmac.new(b"sesame", body, hashlib.sha256).hexdigest()
    assert (path, body) == ("/hook?key=a", b'{"event": "alarm"}')
    assert headers["Content-Type"] == "application/json"
    assert headers["X-V380-Signature"] == f"sha256={digest}"


def test_without_a_secret_nothing_is_signed(server: Server) -> None:
    Webhook(server.url, Secret()).post(b"{}")
    assert "X-V380-Signature" not in server.requests[0][1]


@pytest.mark.parametrize(
    ("status", "is_final"), [(500, False), (503, False), (429, False), (404, True), (302, True)]
)
def test_what_the_server_says_decides_on_a_new_attempt(
    server: Server, status: int, is_final: bool
) -> None:
    """A redirection is not followed: it could lead anywhere."""
    server.status = status
    with pytest.raises(NetworkError, match=f"answered {status}") as caught:
        Webhook(server.url, Secret()).post(b"{}")
    assert isinstance(caught.value, WebhookRefused) is is_final
    assert len(server.requests) == 1


def test_nobody_there_is_told_without_the_url() -> None:
    server = Server()
    server.server.server_close()
    with pytest.raises(NetworkError) as caught:
        Webhook(server.url, Secret()).post(b"{}")
    assert "key=a" not in caught.value.message
    assert not isinstance(caught.value, WebhookRefused)


def test_a_post_under_way_ends_with_the_hook() -> None:
    """The server takes the request and says nothing: nobody waits for its time limit."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        webhook = Webhook(f"http://127.0.0.1:{listener.getsockname()[1]}/", Secret())
        posting = pool.submit(webhook.post, b"{}")
        with listener.accept()[0] as taken:
            assert taken.recv(1) == b"P"
            webhook.close()
            with pytest.raises(NetworkError, match=r"cannot be reached: (?!TimeoutError)"):
                posting.result()


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://a/", "http:///x", "http://user:word@host/"),
        *("http://host:port/", "http://host:99999/", "http://host:0/", "http://[::1/"),
        *("http://host/a b", "http://host/\N{SNOWMAN}", "http://host/\n"),
    ],
)
def test_what_is_no_url_or_holds_a_password_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Webhook(url, Secret())
    assert "word@" not in caught.value.message
