"""Cameras that do not answer discovery, recognised by TCP at addresses that the owner names."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.cli import RunHere
from tests.commands.recording_lab import SMALL, find_closed_port, open_camera
from tests.golden.recorded import read_recorded
from v380cli.camera.discover import Sighting, Target
from v380cli.camera.fingerprint import QUESTION, find_by_tcp, read_device_version
from v380cli.errors import NetworkError, RemoteProtocolError
from v380cli.models import Beacon

LOCAL = "127.0.0.1"
RECORDED = read_recorded("login-1168-refused-id")


@contextlib.contextmanager
def answer_with(reply: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """The port of something that gives this answer, and what it was sent."""
    questions: list[bytes] = []
    with socket.create_server((LOCAL, 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):  # the end of the test
                while True:
                    link, _ = server.accept()
                    with link:
                        questions.append(link.recv(4096))
                        link.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], questions
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_real_camera_tells_its_version_and_is_asked_once() -> None:
    with answer_with(RECORDED) as (port, questions):
        assert read_device_version(LOCAL, port) == 3
    assert questions == [QUESTION]
    assert b"\x8f\x04\x00\x00" + bytes(252) == QUESTION


@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 300, b"RTSP", b"x"])
def test_another_device_is_none(reply: bytes) -> None:
    with answer_with(reply) as (port, _), pytest.raises(RemoteProtocolError):
        read_device_version(LOCAL, port)


def test_nobody_is_there() -> None:
    with pytest.raises(NetworkError):
        read_device_version(LOCAL, find_closed_port())


def test_who_has_answered_discovery_is_not_asked() -> None:
    with answer_with(RECORDED) as (port, questions):
        here = Sighting(number=0, beacon=Beacon(device_id=5, ip=LOCAL, port=port), interface="lo")
        assert find_by_tcp([Target(LOCAL, port), Target(LOCAL)], [here]) == []
        assert questions == []
        (found,) = find_by_tcp([Target(LOCAL, port), Target("localhost", port)], [])
        assert len(questions) == 1
    assert (found.beacon.port, found.device_version) == (port, 3)


def test_discover_shows_it(run_here: RunHere) -> None:
    with open_camera() as camera:
        address = f"{LOCAL}:{camera.port}"
        done = run_here("discover", "--address", address, "--timeout", "0.1", "--json")
        assert done.returncode == 0, done.stderr
        (row,) = json.loads(done.stdout)
        assert (row["id"], row["ip"], row["port"]) == (None, LOCAL, camera.port)
        assert (row["answered_by"], row["device_version"]) == (["tcp"], SMALL.device_version)
        table = run_here("discover", "--address", address, "--timeout", "0.1", "--save")
    assert "--id" in table.stdout
    assert json.loads(run_here("devices", "list", "--json").stdout) == []


def test_nobody_at_the_address_is_told_as_ever(run_here: RunHere) -> None:
    address = f"{LOCAL}:{find_closed_port()}"
    assert run_here("discover", "--address", address, "--timeout", "0.1").returncode == 3
