"""A command whose talk goes to a terminal and whose result goes into a file, and what it took."""

import contextlib
import fcntl
import os
import pty
import resource
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Measured(NamedTuple):
    """What it left behind; the terminal is 80 columns wide."""

    code: int
    screen: bytes
    usage: resource.struct_rusage


def run_measured(command: Sequence[str], env: Mapping[str, str], result: Path) -> Measured:
    """Run it to its end."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with result.open("wb") as out:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=writer
        )
    os.close(writer)
    screen = b""
    with contextlib.suppress(OSError):  # the other side has closed it
        while data := os.read(reader, 65536):
            screen += data
    os.close(reader)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(process.returncode, screen, usage)
