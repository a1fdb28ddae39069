"""Unix sockets on which a running command takes requests of others of the same user.

One request and one answer on each connection, a line of JSON each. The sockets are in a folder
that is the user's alone, and both sides ask the kernel who the other one is.
"""

import contextlib
import errno
import json
import logging
import os
import secrets
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, cast

SUFFIX = ".sock"
MESSAGE_MAX_BYTES = 512
# A machine that is busy encoding answers late; a program that has stopped never does.
TIMEOUT_S = 2.0
BACKLOG = 8
PRIVATE_MODE = 0o600
PEER = struct.Struct("3i")  # pid, uid, gid
ANY_NAME_BYTES = 4

Message = dict[str, Any]


class Handover(NamedTuple):
    """An answer after which the connection goes on: `take` has it then, and closes it."""

    reply: Message
    take: Callable[[socket.socket], None]


Answer = Callable[[Message], Message | Handover]

log = logging.getLogger(__name__)


class ControlServer:
    """Answers at a socket for each name, in one thread, between `start` and `close`."""

    def __init__(self, folder: Path, answers: Sequence[tuple[str, Answer]]) -> None:
        self._folder = folder
        self._answers = answers
        self._selector = selectors.DefaultSelector()
        self._waker, self._wakened = socket.socketpair()
        self._paths: list[Path] = []
        self._is_closing = False
        self._thread = threading.Thread(target=self._serve, name="v380-controls")

    def start(self) -> None:
        """Open the sockets and begin; raises OSError where the folder takes none."""
        self._selector.register(self._wakened, selectors.EVENT_READ)
        try:
            for name, answer in self._answers:
                listener, path = _listen(self._folder, name)
                self._paths.append(path)
                self._selector.register(listener, selectors.EVENT_READ, answer)
        except OSError:
            self._release()
            raise
        self._thread.start()

    def close(self) -> None:
        """Answer no more, wait for the thread, and take the sockets away."""
        self._is_closing = True
        self._waker.send(b"\0")
        self._thread.join()
        self._release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _release(self) -> None:
        for path in self._paths:
            path.unlink(missing_ok=True)
        for key in list(self._selector.get_map().values()):
            cast(socket.socket, key.fileobj).close()
        self._selector.close()
        self._waker.close()

    def _serve(self) -> None:
        while not self._is_closing:
            for key, _ in self._selector.select():
                if key.data:
                    _attend(cast(socket.socket, key.fileobj), key.data)


def list_sockets(folder: Path, name: str) -> list[Path]:
    """The sockets that stand under `name`, of running commands and of dead ones."""
    return sorted(folder.glob(f"{name}-*{SUFFIX}"))


def ask(path: Path, request: Message) -> Message | None:
    """What the command behind a socket answers; None when there is none, or it makes no sense.

    The socket of a command that is dead is taken away.
    """
    answered = attach(path, request)
    if answered is None:
        return None
    reply, sock = answered
    sock.close()
    return reply


def attach(path: Path, request: Message) -> tuple[Message, socket.socket] | None:
    """As `ask`, with the connection, on which more may come, and which is to be closed."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, _short(path) as place:
            sock.settimeout(TIMEOUT_S)
            sock.connect(place)
            if not _is_ours(sock):
                return None
            sock.sendall(_encode(request))
            return _receive(sock), sock.dup()
    except ConnectionRefusedError:  # its owner was killed
        path.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        log.info("%s: %s", path.name, error)
    return None


def _listen(folder: Path, name: str) -> tuple[socket.socket, Path]:
    """Bound under another name first: whoever finds the socket can connect to it."""
    _remove_dead(folder, name)
    path = folder / f"{name}-{secrets.token_hex(ANY_NAME_BYTES)}{SUFFIX}"
    unready = path.with_suffix(".new")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(sock.fileno(), PRIVATE_MODE)
        with _short(unready) as place:
            sock.bind(place)
        sock.listen(BACKLOG)
        sock.setblocking(False)
        unready.rename(path)
    except OSError:
        sock.close()
        unready.unlink(missing_ok=True)
        raise
    return sock, path


def _remove_dead(folder: Path, name: str) -> None:
    """Take away the sockets of commands that were killed."""
    for path in list_sockets(folder, name):
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock,
            _short(path) as place,
        ):
            sock.setblocking(False)
            if sock.connect_ex(place) == errno.ECONNREFUSED:
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """The path by way of an open folder: a socket's has room for 107 bytes only."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _attend(listener: socket.socket, answer: Answer) -> None:
    try:
        sock, _ = listener.accept()
    except OSError:  # it has gone before it was served
        return
    with sock, contextlib.suppress(OSError):
        sock.settimeout(TIMEOUT_S)
        if not _is_ours(sock):
            return
        try:
            reply = answer(_receive(sock))
        except ValueError as error:
            reply = {"ok": False, "code": "usage", "message": str(error)}
        except Exception as crash:  # the next one is answered all the same
            log.error("controls: %s", type(crash).__name__, exc_info=crash)
            return
        if isinstance(reply, Handover):
            sock.sendall(_encode(reply.reply))
            reply.take(sock.dup())
        else:
            sock.sendall(_encode(reply))


def _is_ours(sock: socket.socket) -> bool:
    _, uid, _ = PEER.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))
    return int(uid) == os.geteuid()


def _encode(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _receive(sock: socket.socket) -> Message:
    """One line; raises ValueError for what we do not send, OSError when it does not come."""
    deadline_s = time.monotonic() + TIMEOUT_S
    data = bytearray()
    while not data.endswith(b"\n"):
        sock.settimeout(max(0.001, deadline_s - time.monotonic()))
        piece = _read_line_part(sock)
        data += piece
        if not piece or len(data) > MESSAGE_MAX_BYTES:
            raise ValueError(f"no line of up to {MESSAGE_MAX_BYTES} bytes")
    message = json.loads(data)
    if not isinstance(message, dict):
        raise ValueError("no JSON object")
    return message


def _read_line_part(sock: socket.socket) -> bytes:
    """What has come of a line, and nothing of what follows it."""
    waiting = sock.recv(MESSAGE_MAX_BYTES, socket.MSG_PEEK)
    return sock.recv(waiting.find(b"\n") + 1 or len(waiting)) if waiting else b""
