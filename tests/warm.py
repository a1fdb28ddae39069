"""Processes that are `v380` at once, forked from one that has imported it (see `zygote.py`).

`Process` is a `subprocess.Popen` that also starts V380, alone or behind `setsid --ctty` and
`ip netns exec NAME`. What runs then is a child of this process like any other: pid, signals, exit
code, descriptors, folder, environment and session are its own, and its end is that of an
interpreter, but that objects which live until then are not destroyed. It also differs from
`python -m v380cli` in its command line (/proc/PID/cmdline), its memory, its session, which is never
that of the tests, in /sys inside a namespace, in what an interpreter reads at its start (locale and
PYTHON variables), and in the order of imports: with PyAV before OpenCV no window opens, for each
brings a libxcb. What is about one of these or about the installed program starts COLD_V380; so does
what needs another program in front.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any, AnyStr

V380 = ("<v380>",)  # there is no such program: only `Process` can start it
COLD_V380 = (sys.executable, "-m", "v380cli")
PROJECT = Path(__file__).parents[1]
TIMEOUT_S = 60.0
ON_A_TERMINAL = ["setsid", "--ctty"]
IN_A_NAMESPACE = ["ip", "netns", "exec"]
PIPES = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
READ_AT_START = ("PYTHON", "LANG", "LC_")
READ_LATER = "PYTHON_KEYRING_BACKEND"
NO_THREADS = {"OPENBLAS_NUM_THREADS": "1"}  # numpy would start some while it is imported
MAX_REPLY_BYTES = 4096
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Process(subprocess.Popen[AnyStr]):
    """A process; a warm one where the command is V380."""

    def _execute_child(self, *details: Any) -> None:
        execute = super()._execute_child  # type: ignore[misc]
        given = signature(execute).bind(*details).arguments
        order = _parse_command(given["args"])
        if order is None:
            execute(*details)
            return
        if given["preexec_fn"] or given["pass_fds"]:
            raise ValueError("preexec_fn and pass_fds need COLD_V380")
        order["environment"] = dict(os.environ if given["env"] is None else given["env"])
        order["folder"] = os.fspath(given["cwd"] or Path.cwd())
        order["new_session"] = given["start_new_session"] or order["terminal"]
        ends = (given["p2cread"], given["c2pwrite"], given["errwrite"])
        descriptors = [own if end == -1 else end for own, end in enumerate(ends)]
        self.pid = _open_zygote().start(order, descriptors)
        self._child_created = True
        self._close_pipe_fds(*(given[name] for name in PIPES))  # type: ignore[attr-defined]


def run_process(
    command: Sequence[str],
    *,
    input: str | bytes | None = None,
    timeout: float = TIMEOUT_S,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """`subprocess.run` of a `Process`: text, captured where `options` do not say otherwise."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with Process[Any](command, **{"text": True, **pipes, **options}) as process:
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def close() -> None:
    """End the zygote, if there is one."""
    if _open_zygote.cache_info().currsize:
        _open_zygote().close()
        _open_zygote.cache_clear()


@cache
def _open_zygote() -> "_Zygote":
    return _Zygote()


def _parse_command(command: Sequence[str]) -> dict[str, Any] | None:
    """What to ask a zygote for, or None for a command of another program."""
    words = list(command)
    terminal = words[:2] == ON_A_TERMINAL
    words = words[2:] if terminal else words
    namespace = words[3] if words[:3] == IN_A_NAMESPACE else None
    words = words[4:] if namespace else words
    if words[:1] != [*V380]:
        return None
    return {"args": words[1:], "terminal": terminal, "namespace": namespace}


class _Zygote:
    """The process that forks; it ends when nobody holds the other end of its socket."""

    def __init__(self) -> None:
        self._read_at_start = _list_read_at_start(os.environ)
        self._one_at_a_time = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(TIMEOUT_S)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.zygote", str(theirs.fileno())],
                cwd=PROJECT,
                env={**os.environ, **NO_THREADS},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(self, order: Mapping[str, Any], descriptors: Sequence[int]) -> int:
        """The pid of a new child of this process, which has these as its 0, 1 and 2."""
        if _list_read_at_start(order["environment"]) != self._read_at_start:
            raise ValueError("another locale and other PYTHON variables need COLD_V380")
        with self._one_at_a_time:
            _adopt_orphans(True)
            try:
                socket.send_fds(self._socket, [json.dumps(order).encode()], descriptors)
                pid, error = json.loads(self._socket.recv(MAX_REPLY_BYTES) or '[0, "it ended"]')
            finally:
                _adopt_orphans(False)
        if error:
            raise OSError(f"cannot start v380: {error}")
        return int(pid)

    def close(self) -> None:
        self._socket.close()
        self._process.wait(TIMEOUT_S)


def _list_read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(READ_AT_START) and name != READ_LATER
    }


def _adopt_orphans(wanted: bool) -> None:
    """Become the parent of what our descendants leave behind, or no longer."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0):
        raise OSError("cannot become a subreaper")
