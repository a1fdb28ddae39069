"""The user's own command, run when something happened: split like a shell does, without a shell."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping

from v380cli.errors import InvalidInput, V380Error

HOOK_TIMEOUT_S = 60.0
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
VARIABLE_PREFIX = "V380_"
# Its output is for a person: what we print may be read by a program.
OUTPUT_FD = 2


class HookFailed(V380Error):
    """The user's command could not be run, took too long, or said that it failed."""

    code = "hook"


class Hook:
    """A command with `{name}` where values go; InvalidInput for one that cannot be run.

    A value never becomes two words, whatever is in it. Braces around anything but the name of a
    value stay as they are.
    """

    def __init__(self, command: str, *, timeout_s: float = HOOK_TIMEOUT_S) -> None:
        self._words = _split(command)
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[str] | None = None
        self._is_stopped = False

    def run(self, values: Mapping[str, str], document: str) -> None:
        """Run it to its end; raises HookFailed.

        It finds the values in `V380_NAME` as well, and `document` on its standard input.
        """
        words = [_fill(word, values) for word in self._words]
        variables = {VARIABLE_PREFIX + name.upper(): value for name, value in values.items()}
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own words, no shell
                words,
                stdin=subprocess.PIPE,
                stdout=OUTPUT_FD,
                env={**os.environ, **variables},
                text=True,
                start_new_session=True,
            )
        except OSError as error:
            raise HookFailed(f"cannot run {words[0]}: {error.strerror}") from None
        self._process = process
        if self._is_stopped:  # before it could be known
            _kill(process)
        try:
            process.communicate(document, timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            raise HookFailed(f"{words[0]} did not finish in {self._timeout_s:g} s") from None
        finally:
            self._process = None
            _end(process)
        if process.returncode:
            raise HookFailed(f"{words[0]} {_describe_end(process.returncode)}")

    def stop(self) -> None:
        """End the command that is running, from any thread; it is not run again."""
        self._is_stopped = True
        if process := self._process:
            _kill(process)


def _split(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidInput(f"the command {command!r} cannot be read: {error}") from None
    if not words:
        raise InvalidInput("the command is empty")
    if not shutil.which(words[0]) and not PLACEHOLDER.search(words[0]):
        raise InvalidInput(
            f"there is no program {words[0]!r}",
            hint="no shell reads the command; for its syntax write: sh -c '...'",
        )
    return words


def _fill(word: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), word)


def _end(process: "subprocess.Popen[str]") -> None:
    """Leave nothing behind of a command that took too long."""
    if process.poll() is None:
        _kill(process)
    process.wait()
    if process.stdin:
        with contextlib.suppress(OSError):  # what it did not read
            process.stdin.close()


def _kill(process: "subprocess.Popen[str]") -> None:
    """With all that it started: it has a session, and so a process group, of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _describe_end(returncode: int) -> str:
    if returncode < 0:
        return f"was ended by signal {-returncode}"
    return f"failed with exit code {returncode}"
