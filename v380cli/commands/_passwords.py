"""Passwords from where a person leaves them: standard input, a variable, a prompt."""

import os
import sys

import typer

from v380cli.models import Secret

PASSWORD_VARIABLE = "V380_PASSWORD"  # noqa: S105 - the name of a variable
NEW_PASSWORD_VARIABLE = "V380_NEW_PASSWORD"  # noqa: S105 - the name of a variable
PASSWORD_LINE_MAX_CHARS = 1024  # what comes by mistake, a file perhaps, is not read to its end


def read_given_password(from_stdin: bool) -> Secret:
    """The password from standard input, else from V380_PASSWORD, else the empty one."""
    return read_stdin_password() if from_stdin else read_environment() or Secret()


def read_environment() -> Secret | None:
    """The password in V380_PASSWORD, None where that is not set."""
    value = os.environ.get(PASSWORD_VARIABLE)
    return None if value is None else Secret(value)


def read_stdin_password() -> Secret:
    """The first line of standard input; typer.BadParameter for what is too long to be one."""
    line = read_stdin_line(PASSWORD_LINE_MAX_CHARS)
    if len(line) == PASSWORD_LINE_MAX_CHARS:
        raise typer.BadParameter("standard input is not a password: its first line is too long")
    return Secret(line.rstrip("\r\n"))


def read_stdin_line(max_chars: int) -> str:
    """The first line of standard input, or its beginning; typer.BadParameter if it is no text."""
    try:
        line = sys.stdin.readline(max_chars)
        line.encode()
    except UnicodeError:
        raise typer.BadParameter("standard input is not text in UTF-8") from None
    return line


def ask_password(label: str) -> Secret:
    """Ask the person for the password of a camera."""
    return ask_secret(f"Password of {label}")


def ask_secret(question: str) -> Secret:
    """Ask the person, hidden; an empty answer is the empty secret."""
    return Secret(
        typer.prompt(
            f"{question} (Enter for none)",
            default="",
            hide_input=True,
            show_default=False,
            err=True,
        )
    )


def read_new_password(*, from_stdin: bool) -> Secret:
    """The password that the camera is to have, from stdin, its variable or a prompt."""
    if from_stdin:
        password = read_stdin_password()
    elif NEW_PASSWORD_VARIABLE in os.environ:
        password = Secret(os.environ[NEW_PASSWORD_VARIABLE])
    elif sys.stdin.isatty():
        password = Secret(
            typer.prompt("New device password", hide_input=True, confirmation_prompt=True, err=True)
        )
    else:
        raise typer.BadParameter(f"give it by --new-password-stdin or {NEW_PASSWORD_VARIABLE}")
    if not password:
        raise typer.BadParameter("the new device password is empty")
    return password
