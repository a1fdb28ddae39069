"""Strangers who only connect: bounded, closed at once, and unable to keep others out."""

import contextlib
import http.client
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.net.fake_source import TIMEOUT_S, FakeSource
from tests.net.test_http_server import TOKEN, connect
from v380cli.models import Secret
from v380cli.net import gate
from v380cli.net.gate import find_origin
from v380cli.net.http_access import AccessRules
from v380cli.net.http_server import HttpServer

FILES = 160
STRANGERS = 400
CLIENTS = 6
# Connects so often, says how many were closed at once, and holds the others until its stdin ends.
CROWD = """
import resource, socket, sys
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
address, count, kept = ("127.0.0.1", int(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
socks = [socket.create_connection(address) for _ in range(count)]
closed = 0
for sock in socks[: count - kept]:
    sock.settimeout(60)
    try:
        closed += sock.recv(1) == b""
    except ConnectionResetError:
        closed += 1
print(closed, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def few_files() -> Iterator[None]:
    """This process may open so few files as if it had most of its own open already."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@contextlib.contextmanager
def open_locked(source: FakeSource) -> Iterator[HttpServer]:
    with HttpServer({"/": source}, AccessRules(host="127.0.0.1", token=Secret(TOKEN)), 0) as server:
        yield server


def fetch_from(source_address: str, port: int, path: str) -> int:
    """The status that a viewer with the token gets who comes from this address."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=TIMEOUT_S, source_address=(source_address, 0)
    )
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Authorization": f"bearer {TOKEN}"})
        response = connection.getresponse()
        response.read()
        return response.status


@pytest.mark.usefixtures("few_files")
def test_a_crowd_of_strangers_keeps_no_viewer_out(capfd: pytest.CaptureFixture[str]) -> None:
    kept = FILES // gate.SHARE_OF_FILES // gate.SHARE_OF_ADDRESS
    with open_locked(FakeSource()) as server:
        crowd = subprocess.Popen(
            [sys.executable, "-c", CROWD, str(server.port), str(STRANGERS), str(kept)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with crowd:
            assert crowd.stdout
            assert int(crowd.stdout.readline()) == STRANGERS - kept
            for origin in ("127.0.0.1", "127.0.0.2"):
                assert fetch_from(origin, server.port, "/stream.ts") == 200
            assert crowd.stdin
            crowd.stdin.close()
    assert capfd.readouterr().err == ""


def test_who_shows_no_token_in_time_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "INTRODUCTION_S", 0.05)
    source = FakeSource()
    source.pieces = [b"now"]
    with open_locked(source) as server, connect(server, f"/stream.ts?token={TOKEN}") as viewer:
        silent = socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S)
        with silent, contextlib.suppress(ConnectionResetError):
            assert silent.recv(1) == b""
        source.wait_for_viewers(1)
        source.feeds[0].add(b"later", None)
        data = b""
        while b"later" not in data:
            data += viewer.recv(4096)


def take_all_files(hoard: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):
        while True:
            hoard.append(socket.socket())


def close_all(socks: list[socket.socket]) -> None:
    while socks:
        socks.pop().close()


@pytest.mark.usefixtures("few_files")
def test_no_file_left_is_waited_out_in_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    is_noted = threading.Event()
    request = f"GET /?token={TOKEN} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
    monkeypatch.setattr(gate, "EXHAUSTED_PAUSE_S", 0.05)
    monkeypatch.setattr(gate.log, "debug", lambda *_: is_noted.set())
    with open_locked(FakeSource()) as server:
        assert fetch_from("127.0.0.1", server.port, "/") == 200
        clients = [socket.socket() for _ in range(CLIENTS)]
        hoard: list[socket.socket] = []
        with contextlib.ExitStack() as stack:
            for client in clients:
                stack.enter_context(client)
            stack.callback(close_all, hoard)
            for client in clients:  # a file that something else closes late lets one of them in
                take_all_files(hoard)
                client.settimeout(TIMEOUT_S)
                client.connect(("127.0.0.1", server.port))
                client.sendall(request)
                if is_noted.wait(TIMEOUT_S / CLIENTS):
                    break
            assert is_noted.is_set()
            close_all(hoard)
            assert client.recv(12) == b"HTTP/1.0 200"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.168.1.5", "192.168.1.5"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_what_counts_as_one_address(address: str, origin: str) -> None:
    assert find_origin(address) == origin
