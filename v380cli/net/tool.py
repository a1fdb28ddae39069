"""Programs of the system that we ask: bounded in time, ended on request, secrets by a pipe."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence

from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.text import clean_text

POLL_S = 0.1
GRACE_S = 2.0
OUTPUT_MAX_CHARS = 1 << 20  # a scan in a block of flats has about 20,000

Stop = Callable[[], bool]


def has_tool(name: str) -> bool:
    """Whether a program is on the PATH."""
    return shutil.which(name) is not None


def run_tool(
    command: Sequence[str],
    *,
    timeout_s: float,
    stop: Stop = lambda: False,
    pass_fds: Sequence[int] = (),
) -> str:
    """What a program prints; NetworkError when it fails, is missing, too slow, or stopped.

    It has a session of its own, so that a Ctrl-C reaches us and not it; its messages are in
    English, as our parsers and readers of a log expect.
    """
    name = command[0]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own words, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            pass_fds=pass_fds,
        )
    except OSError as error:
        raise NetworkError(f"cannot run {name}: {error.strerror}") from None
    output, complaint = _wait(process, name, time.monotonic() + timeout_s, stop)
    if process.returncode:
        said = complaint.strip().splitlines() or ["it says nothing"]
        raise NetworkError(f"{name}: {clean_text(said[-1])}")
    return output[:OUTPUT_MAX_CHARS]


def _wait(
    process: "subprocess.Popen[str]", name: str, deadline: float, stop: Stop
) -> tuple[str, str]:
    try:
        while True:
            try:
                return process.communicate(timeout=POLL_S)
            except subprocess.TimeoutExpired:
                if stop():
                    raise NetworkError("interrupted") from None
                if time.monotonic() >= deadline:
                    raise NetworkTimeout(f"{name} did not finish in time") from None
    finally:
        _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """Leave no process behind, and no pipe."""
    if process.poll() is None:
        process.terminate()
        try:
            process.communicate(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextlib.contextmanager
def lend_secret(text: str) -> Iterator[int]:
    """A descriptor from which one program can read a secret; nothing of it is on any disk."""
    reader, writer = os.pipe()
    try:
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            pipe.write(text)  # a PSK is shorter than any pipe, so this does not block
        yield reader
    finally:
        os.close(reader)
