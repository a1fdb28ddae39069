"""A process that has imported `v380` and forks whenever it is asked to be one (see `warm.py`).

`python -m tests.zygote SOCKET`: each message on the socket is an order, with the descriptors that
the new process gets as its 0, 1 and 2. Nothing here may start a thread: `fork` would lose it.
"""

import atexit
import ctypes
import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from v380cli import __main__ as program
from v380cli.app import COMMANDS

# What most commands need, and what neither starts a thread nor looks at the network.
MODULES = (
    *(f"v380cli.commands.{row.module}" for row in COMMANDS),
    *("v380cli.camera.inspection", "v380cli.camera.onvif", "v380cli.camera.provision"),
    *("v380cli.camera.roads", "v380cli.net.http_post", "v380cli.simulator.server"),
    *("v380cli.work.card.fetching", "v380cli.work.recording"),
    *("av", "numpy", "netifaces", "cryptography.hazmat.primitives.ciphers", "stringprep"),
    *("rich.live", "rich.progress", "rich.table"),
)
NAMESPACES = Path("/run/netns")
MAX_ORDER_BYTES = 1 << 17
MAX_DESCRIPTORS = 3
FIRST_OTHER, LAST = 3, 1 << 20  # descriptors
PR_SET_PDEATHSIG = 1  # linux/prctl.h
CLONE_NEWNET = 0x40000000  # linux/sched.h
_exit_code: list[int] = []  # of a run that ends in good order


def import_most() -> None:
    """Import what commands need; what few of them need stays out."""
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a child would copy what they share


def serve(orders: socket.socket) -> None:
    """Fork for each order; returns in the new process, and exits when nobody can ask any more."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, MAX_ORDER_BYTES, MAX_DESCRIPTORS)
        if not message:
            sys.exit()
        if is_forked():
            break
        for descriptor in descriptors:
            os.close(descriptor)
    try:
        become(json.loads(message), descriptors)
        error = ""
    except OSError as failure:
        error = str(failure)
    orders.send(json.dumps([os.getpid(), error]).encode())
    orders.detach()
    os.closerange(FIRST_OTHER, LAST)
    if error:
        sys.exit(1)


def is_forked() -> bool:
    """Whether this is the new process, whose parent is whoever adopts orphans."""
    adopted, gate = os.pipe()
    if middle := os.fork():
        os.waitpid(middle, 0)
        os.close(gate)
        os.close(adopted)
        return False
    if os.fork():
        os._exit(0)
    os.close(gate)
    os.read(adopted, 1)  # its end says that the process between us has gone
    return True


def become(order: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Be what an interpreter is when it begins to run `python -m v380cli`."""
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if order["new_session"]:
        os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    if order["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if order["namespace"]:
        enter(order["namespace"])
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv[:] = [str(program.__file__), *order["args"]]
    sys.path[0] = order["folder"]
    sys.stdin = _open_stream(0, "r", sys.stdin)
    sys.stdout = _open_stream(1, "w", sys.stdout)
    sys.stderr = _open_stream(2, "w", sys.stderr)


def enter(namespace: str) -> None:
    descriptor = os.open(NAMESPACES / namespace, os.O_RDONLY)
    _call("setns", descriptor, CLONE_NEWNET)


def _open_stream(number: int, mode: str, former: Any) -> Any:
    """A standard stream as an interpreter opens it; only that for errors never waits for a line."""
    return open(
        number,
        mode,
        buffering=1 if number == 2 else -1,
        encoding=former.encoding,
        errors=former.errors,
        newline=None if mode == "r" else "\n",
        closefd=False,
    )


def run() -> None:
    """Run `v380`; exit handlers and the join of threads are the interpreter's affair."""
    _exit_code[:] = [0]
    try:
        program.main()
    except BaseException as ending:
        code = ending.code if isinstance(ending, SystemExit) else None
        _exit_code[:] = [code] if isinstance(code, int) else []
        raise


@atexit.register
def _leave() -> None:
    """Spare it, as the last exit handler, the end of each object: that would copy all memory."""
    for code in _exit_code:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), name)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _orders:
        import_most()
        serve(_orders)
    run()
