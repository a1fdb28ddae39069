"""A command whose talk goes to a terminal and whose result goes into a file, and what it took."""

import contextlib
import fcntl
import json
import os
import pty
import resource
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# Starts the command and notes what it took. Itself it is small: what a process forks begins with
# the size of the one that it comes from.
NOTE = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    json.dump(resource.getrusage(resource.RUSAGE_CHILDREN), file)
sys.exit(code)
"""


class Measured(NamedTuple):
    """What it left behind; the terminal is 80 columns wide."""

    code: int
    screen: bytes
    usage: resource.struct_rusage


def run_measured(command: Sequence[str], env: Mapping[str, str], result: Path) -> Measured:
    """Run it to its end."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    screen = b""
    with result.open("wb") as out, tempfile.NamedTemporaryFile() as note:
        words = [sys.executable, "-c", NOTE, note.name, *command]
        with subprocess.Popen(
            words, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=writer
        ) as process:
            os.close(writer)
            with contextlib.suppress(OSError):  # the other side has closed it
                while data := os.read(reader, 65536):
                    screen += data
        os.close(reader)
        usage = resource.struct_rusage(json.load(note))
    return Measured(process.returncode, screen, usage)
