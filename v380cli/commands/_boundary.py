"""Where errors become sentences and exit codes; the table that scripts rely on."""

import errno
import io
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import typer

from v380cli import errors
from v380cli.commands import _console
from v380cli.commands._ending import ResultPrinted
from v380cli.commands._parser import say_kind, say_range
from v380cli.text import format_json

EXIT_CODES: dict[type[errors.V380Error], int] = {
    errors.InvalidInput: 2,
    errors.CameraNotFound: 3,
    errors.NetworkError: 4,
    errors.CredentialsRefused: 5,
    errors.ProtocolError: 6,
    errors.Refused: 7,
    errors.MediaError: 8,
    errors.StorageError: 9,
    errors.PartialFailure: 10,
}
DAY_S = 86_400
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_HUNG_UP = 129
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

# What is known of files is a StorageError; what is left is standard output on a disk.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


@runtime_checkable
class ShownError(Protocol):
    """An error that typer itself raises; with EXIT_USAGE the command line was wrong."""

    exit_code: int

    def format_message(self) -> str: ...

    def show(self) -> None: ...


def find_exit_code(error: errors.V380Error) -> int:
    """The exit code of the nearest ancestor in the table; local protocol errors are our bugs."""
    if isinstance(error, errors.LocalProtocolError):
        return EXIT_BUG
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), EXIT_BUG)


def open_missing_streams() -> None:
    """Open the null device for each standard stream that is closed: a file of ours would be it."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def let_any_name_out() -> None:
    """Print names of files as the system has them, even such as are not in UTF-8."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")


def run(command: Any, args: Sequence[str]) -> int:
    """Run a command line and return its exit code; only the log gets tracebacks, of bugs."""
    try:
        let_any_name_out()
        code = _run(command, args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        return _report_full_output(error)
    except SystemExit as ending:
        # typer's own end on a broken pipe has the exit code of a bug
        if isinstance(ending.__context__, BrokenPipeError):
            _drop_output()
            return 0
        raise
    finally:
        _console.end_talk()


def _run(command: Any, args: Sequence[str]) -> int:
    wants_json = any(arg in ("--json", "--jsonl") for arg in args)
    try:
        _check_local_zone()
        code = command.main(args=list(args), prog_name="v380", standalone_mode=False)
    except ResultPrinted as failure:
        _talk_error(failure.error)
        return find_exit_code(failure.error)
    except errors.V380Error as error:
        _report(error, wants_json)
        return find_exit_code(error)
    except typer.Abort:
        _console.say("\ninterrupted" if sys.stderr.isatty() else "interrupted")  # after ^C
        return EXIT_INTERRUPTED
    except Exception as error:
        if isinstance(error, ShownError) and error.exit_code == EXIT_USAGE:
            return _report_usage(error, wants_json)
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        return _report_bug(error, wants_json)
    return code if isinstance(code, int) else 0


def _check_local_zone() -> None:
    """Raise InvalidInput where TZ is a day or more from UTC in any season: no time can be told."""
    offsets_s = (time.localtime().tm_gmtoff, time.timezone, time.altzone)
    if any(abs(offset_s) >= DAY_S for offset_s in offsets_s):
        raise errors.InvalidInput(
            f"TZ={os.environ.get('TZ', '')!r} is not a valid time zone",
            hint="write Europe/Madrid, or UTC-5 for what is five hours ahead of UTC",
        )


def _report(error: errors.V380Error, wants_json: bool) -> None:
    if wants_json:
        _print_error(errors.describe_error(error))
    else:
        _talk_error(error)


def _talk_error(error: errors.V380Error) -> None:
    _console.tell_error(error.message, error.hint)


def _print_error(error: dict[str, str]) -> None:
    typer.echo(format_json({"error": error}))


def _report_usage(error: ShownError, wants_json: bool) -> int:
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "v380"
    message, hint = _say_usage(error), f"see: {command} --help"
    if wants_json:
        _print_error({"code": "usage", "message": message, "hint": hint})
    elif message.startswith("Usage:"):  # a group without a command: its help
        error.show()
    else:
        _console.tell_error(message, hint)
    return EXIT_USAGE


def _say_usage(error: ShownError) -> str:
    """What is wrong with the command line, in plain words."""
    if not isinstance(error, typer.BadParameter):
        return error.format_message()
    if error.param is None:
        return error.message
    return f"{say_kind(say_range(error.format_message()))}{_say_source(error)}"


def _say_source(error: typer.BadParameter) -> str:
    """Where a wrong value comes from, if not from the command line."""
    name = error.param.name if error.param else None
    source = error.ctx.get_parameter_source(name) if error.ctx and name else None
    if not source or source.name != "DEFAULT_MAP":
        return ""
    from v380cli.commands._config import place_value

    _, *words = error.ctx.command_path.split() if error.ctx else []
    return f" (in {place_value(words, error.param)})"


def _drop_output() -> None:
    """Nobody takes our output."""
    for stream in (sys.stdout, sys.stderr):
        _console.drop_output(stream)


def _report_full_output(error: OSError) -> int:
    """The result has no place: most often the disk behind standard output is full."""
    _console.say(f"v380: cannot write to standard output: {error.strerror or error}")
    _drop_output()
    return EXIT_CODES[errors.StorageError]


def _report_bug(error: Exception, wants_json: bool) -> int:
    message = f"this is a bug in v380cli: {type(error).__name__}"
    hint = "please report it with the output of the same command under `v380 -vv`"
    if wants_json:
        _print_error({"code": "bug", "message": message, "hint": hint})
    else:
        _console.say(f"v380: {message}\n      {hint}")
    _log_bug(error)
    return EXIT_BUG


def _log_bug(error: Exception) -> None:
    """Put the traceback into the log, if there is one."""
    import logging

    log = logging.getLogger("v380cli")
    if log.hasHandlers():
        log.error("unexpected", exc_info=error)
