"""JSON Schemas: current, of every command, and what the tests' outputs are held to."""

import json
from collections.abc import Callable

import pytest

from tests.commands.conftest import Done
from tests.commands.test_help import LEAVES
from tests.shapes import FOLDER, check_output, find_command
from v380cli.commands.help.schema import list_schemas
from v380cli.commands.help.shapes import DOCUMENTS, LINES

V380 = Callable[..., Done]


def list_commands(option: str) -> set[str]:
    return {
        " ".join(path)
        for path, command in LEAVES.items()
        if any(option in param.opts for param in command.params)
    }


def test_every_command_with_json_has_a_schema() -> None:
    assert set(DOCUMENTS) == list_commands("--json")
    assert set(LINES) == list_commands("--jsonl")


def test_the_schemas_are_current() -> None:
    stored = {file.name: json.loads(file.read_text()) for file in FOLDER.iterdir()}
    assert stored == list_schemas(), "run: v380 help --schema --output docs/schemas"


def test_a_schema_is_printed(v380: V380) -> None:
    schema = json.loads(v380("help", "--schema", "recordings", "list").out)
    assert schema["title"] == "v380 recordings list --json"
    assert "'record'" in v380("help", "--schema", "recod").err


def test_an_error_fits_every_schema() -> None:
    error = json.dumps({"error": {"code": "bug", "message": "no", "hint": ""}})
    for words in DOCUMENTS:
        check_output([*words.split(), "--json"], error)


@pytest.mark.parametrize(
    "text",
    [
        '[{"device": "porch"}]',
        '[{"device": "porch", "control": "light on", "sent": 1}]',
        '[{"device": "porch", "control": "light on", "sent": true, "more": 1}]',
        '{"device": "porch", "control": "light on", "sent": true}',
        '{"error": {"code": "bug"}}',
    ],
)
def test_the_check_finds_what_is_wrong(text: str) -> None:
    with pytest.raises(AssertionError, match="light"):
        check_output(["-v", "light", "porch", "on", "--json"], text)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--json", "devices", "ls"), "devices list"),
        (("-v", "record", "--json"), "record"),
        (("recordings", "--json", "list", "porch"), "recordings list"),
        (("--version",), ""),
    ],
)
def test_the_check_knows_the_command(args: tuple[str, ...], words: str) -> None:
    assert find_command(args) == words
