"""Sockets for other commands of the same user: answers, strangers, the dead, and what is left."""

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from v380cli.net import control_socket
from v380cli.net.control_socket import ControlServer, Message, ask, list_sockets

NAME = "12345678"


def double(request: Message) -> Message:
    return {"ok": True, "number": request["number"] * 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One whose path is longer than a socket's may be."""
    path = tmp_path / ("long" * 30)
    path.mkdir(mode=0o700)
    return path


@contextlib.contextmanager
def serve(folder: Path, *names: str) -> Iterator[list[Path]]:
    with ControlServer(folder, [(name, double) for name in names or (NAME,)]):
        yield sorted(folder.iterdir())


def connect(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(10)
    folder = os.open(path.parent, os.O_PATH)
    try:
        sock.connect(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
    return sock


def test_a_question_is_answered_and_nothing_is_left(folder: Path) -> None:
    with serve(folder) as (path,):
        assert list_sockets(folder, NAME) == [path]
        assert list_sockets(folder, "1234567") == []
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [ask(path, {"number": n}) for n in range(20)] == [
            {"ok": True, "number": 2 * n} for n in range(20)
        ]
    assert list(folder.iterdir()) == []
    assert "v380-controls" not in {thread.name for thread in threading.enumerate()}
    assert ask(path, {"number": 1}) is None


def test_two_commands_may_have_the_same_camera(folder: Path) -> None:
    with serve(folder), serve(folder, NAME, "11"):
        assert len(list_sockets(folder, NAME)) == 2
        assert [ask(path, {"number": 1}) for path in list_sockets(folder, NAME)] == [
            {"ok": True, "number": 2}
        ] * 2
        assert len(list_sockets(folder, "11")) == 1


def test_the_sockets_of_the_dead_are_taken_away(folder: Path) -> None:
    with serve(folder) as (path,):
        os.link(path, folder / f"{NAME}-dead.sock")
        os.link(path, folder / f"{NAME}-deader.sock")
    dead, deader = list_sockets(folder, NAME)
    assert ask(dead, {"number": 1}) is None
    assert list_sockets(folder, NAME) == [deader]
    with serve(folder):
        assert len(list_sockets(folder, NAME)) == 1, "a new command clears up, too"


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"[]\n", b"{\n", b"{}", b"\xff\n", b"x" * 2000, b"[" * 511 + b"\n"],
    ids=["nothing", "empty", "list", "half", "no end", "no text", "long", "deep"],
)
def test_nonsense_gets_an_answer_or_none_and_the_next_is_served(folder: Path, line: bytes) -> None:
    with serve(folder) as (path,):
        with connect(path) as sock, contextlib.suppress(OSError):
            sock.sendall(line)
            sock.shutdown(socket.SHUT_WR)
            reply = sock.recv(1024)
            assert not reply or b'"code": "usage"' in reply
        assert ask(path, {"number": 3}) == {"ok": True, "number": 6}


def test_a_bug_in_an_answer_is_not_the_end_of_answers(folder: Path) -> None:
    with serve(folder) as (path,):
        assert ask(path, {"without": "a number"}) is None
        assert ask(path, {"number": 2}) == {"ok": True, "number": 4}


def test_who_is_silent_holds_nobody_up_for_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_socket, "TIMEOUT_S", 0.2)
    with serve(folder) as (path,), connect(path) as silent:
        assert silent.recv(1024) == b"", "it was hung up on"
        assert ask(path, {"number": 1}) == {"ok": True, "number": 2}


def test_another_user_gets_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(folder) as (path,):
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
        assert ask(path, {"number": 1}) is None, "nor does the user's own ask a stranger"
        with connect(path) as sock, contextlib.suppress(OSError):
            sock.sendall(b'{"number": 1}\n')
            assert sock.recv(1024) == b""


def test_a_folder_that_takes_no_sockets(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"), serve(tmp_path / "gone"):
        pass
    assert "v380-controls" not in {thread.name for thread in threading.enumerate()}
