"""What all commands share: the options about cameras, the log options, one ending."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import pytest
import typer

from tests.commands.conftest import Done
from v380cli.app import COMMANDS, app
from v380cli.commands import _boundary, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result, ResultPrinted, end
from v380cli.errors import CameraNotFound, NetworkError, PartialFailure
from v380cli.models import Via

V380 = Callable[..., Done]


def run(function: Callable[..., None], *args: str) -> int:
    """Run a command that is not part of the table."""
    made = typer.Typer(add_completion=False)
    made.command()(function)
    return _boundary.run(typer.main.get_command(made), args)


def list_leaves(command: object, path: str = "") -> Iterator[tuple[str, object]]:
    children = getattr(command, "commands", {})
    for name in children:
        yield from list_leaves(children[name], f"{path} {name}".strip())
    if not children:
        yield path, command


def test_a_command_has_its_own_words_between_the_shared_ones() -> None:
    calls: list[tuple[CameraCall, int]] = []

    @camera_command(all_devices=True, wait=True, via=True)
    def look(call: CameraCall, times: Annotated[int, typer.Option()] = 1) -> None:
        calls.append((call, times))

    assert run(look, "yard", "-d", "hall", "--times", "3", "--via", "lan", "--wait", "--json") == 0
    [(call, times)] = calls
    assert (call.targets, times) == (["yard", "hall"], 3)
    assert (call.wait, call.json, call.all_devices) == (True, True, False)
    assert call.login.via is Via.LAN


def test_only_what_was_asked_for_is_an_option() -> None:
    @camera_command(_options.CameraArgument, json=False)
    def look(call: CameraCall) -> None:
        pass

    for option in ("--json", "--wait", "--all", "--via"):
        assert run(look, "yard", option) == 2
    assert run(look, "yard", "hall") == 2


@pytest.mark.parametrize(("waits", "hint"), [(True, "--wait"), (False, "")])
def test_the_hint_names_wait_where_that_would_help(
    waits: bool, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @camera_command(wait=waits)
    def look(call: CameraCall) -> Result:
        return Result(error=CameraNotFound("nobody answers"), is_empty=True)

    assert run(look, "yard") == 3
    assert hint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("result", "code", "out"),
    [
        (Result(document=[1]), 0, "[1]\n"),
        (Result(document=[], error=PartialFailure("some")), 10, "[]\n"),
        (Result(document=[1], exit_code=130, error=NetworkError("gone")), 130, "[1]\n"),
    ],
    ids=["good", "in part", "interrupted"],
)
def test_a_result_is_printed_whatever_comes_of_it(
    result: Result, code: int, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @camera_command()
    def look(call: CameraCall) -> Result:
        return result

    assert run(look, "yard", "--json") == code
    assert capsys.readouterr().out == out


def test_of_an_empty_result_there_is_only_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []
    result = Result(
        document=[], show=lambda: shown.append("x"), error=NetworkError("gone"), is_empty=True
    )
    for json in (True, False):
        with pytest.raises(NetworkError, match="gone"):
            end(result, json=json)
    assert (shown, capsys.readouterr().out) == ([], "")


def test_an_error_after_the_result_is_for_stderr() -> None:
    with pytest.raises(ResultPrinted, match="some"):
        end(Result(show=lambda: None, error=PartialFailure("some")))


@pytest.mark.parametrize("name", [row.name for row in COMMANDS])
def test_every_command_can_be_made_to_say_more(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    for path, leaf in list_leaves(command, name):
        options = {option for param in leaf.params for option in param.opts}  # type: ignore[attr-defined]
        assert {"-v", "--log-file"} <= options, path


@pytest.mark.parametrize(
    ("args", "level"), [(("-v",), "INFO"), (("-vv",), "DEBUG"), (("--verbose",), "INFO")]
)
def test_the_log_is_asked_for_behind_the_command(
    v380: V380, args: tuple[str, ...], level: str
) -> None:
    done = v380("info", "127.0.0.1:1", "--id", "11", *args)
    assert done.code == 4
    assert level in done.err


def test_the_log_goes_into_a_file_and_twice_is_once(v380: V380, tmp_path: Path) -> None:
    file = tmp_path / "v380.log"
    done = v380("-v", "info", "127.0.0.1:1", "--id", "11", "-v", "--log-file", str(file))
    assert "DEBUG" in file.read_text()
    lines = [line for line in done.err.splitlines() if " INFO " in line]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("text", "owner"),
    [("raise ResultPrinted", "_ending.py"), ("import Live\n", "_console.py")],
    ids=["a result with an error", "a live table"],
)
def test_there_is_one_place_for_it(text: str, owner: str) -> None:
    folder = Path(_boundary.__file__).parent
    assert [p.name for p in folder.rglob("*.py") if text in p.read_text()] == [owner]
