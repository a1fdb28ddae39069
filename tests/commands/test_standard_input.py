"""Secrets from standard input that are no text."""

import io
from collections.abc import Callable

import pytest
import typer

from v380cli.commands import _passwords, _token
from v380cli.commands.serve.password import read_credentials


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
@pytest.mark.parametrize(
    "read",
    [
        _passwords.read_stdin_password,
        lambda: _token.read_token(from_stdin=True),
        lambda: read_credentials(["127.0.0.1"], "", from_stdin=True),
    ],
)
def test_what_is_no_text_is_a_mistake_and_not_quoted(
    read: Callable[[], object], errors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.TextIOWrapper(io.BytesIO(b"Sesame\xff4711\n"), "utf-8", errors)
    monkeypatch.setattr("sys.stdin", given)
    with pytest.raises(typer.BadParameter, match="not text in UTF-8") as caught:
        read()
    assert "Sesame" not in str(caught.value)
    assert caught.value.__suppress_context__
