"""Holds what commands print with --json to the schemas in docs/schemas; stricter than they are.

A key that a schema does not name is a mistake here, so that none is forgotten there.
"""

import datetime as dt
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from v380cli.commands.help.shapes import DOCUMENTS, LINES

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
GROUPS = {words.split()[0] for words in DOCUMENTS if " " in words}
OTHER_WORDS = {"ls": "list"}
KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def check_output(args: Sequence[str], output: str) -> None:
    """Fail where the command printed JSON that is not what its schema says."""
    if {"-h", "--help"} & set(args):
        return
    words = find_command(args)
    if "--jsonl" in args and words in LINES:
        for line in output.splitlines():
            read_line(line, f"{words} lines")
    elif "--json" in args and "--serve" in args:  # where it serves, then how it ended
        for line in output.splitlines():
            read_line(line, words)
    elif "--json" in args and words in DOCUMENTS and output.strip():
        check(json.loads(output), words)


def read_line(line: str, words: str) -> Any:
    """What a program printed, as soon as it has; fails where it is not what its schema says."""
    value = json.loads(line)
    check(value, words)
    return value


def find_command(args: Sequence[str]) -> str:
    """The words of a command; empty where there is none."""
    for place, word in enumerate(args):
        if word in GROUPS:
            rest = [OTHER_WORDS.get(each, each) for each in args[place + 1 :] if each[:1] != "-"]
            return f"{word} {rest[0]}" if rest else ""
        if word in DOCUMENTS or word in LINES:
            return word
    return ""


def check(value: Any, words: str) -> None:
    """Fail with what is wrong and where."""
    schema = read_schema(words)
    problems = list_problems(value, schema, schema["$defs"], words)
    assert not problems, "\n".join(problems)


@cache
def read_schema(words: str) -> dict[str, Any]:
    text = (FOLDER / f"{words.replace(' ', '-')}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def list_problems(
    value: Any, schema: dict[str, Any], definitions: dict[str, Any], where: str
) -> list[str]:
    if reference := schema.get("$ref"):
        schema = definitions[reference.removeprefix("#/$defs/")]
    if choices := schema.get("anyOf"):
        found = [list_problems(value, each, definitions, where) for each in choices]
        return min(found, key=len)
    if "enum" in schema:
        return (
            [] if value in schema["enum"] else [f"{where}: {value!r} is none of {schema['enum']}"]
        )
    if not schema:
        return []
    kind = schema["type"]
    if not isinstance(value, KINDS[kind]) or (kind != "boolean" and isinstance(value, bool)):
        return [f"{where}: {value!r} is no {kind}"]
    if schema.get("format") == "date-time" and dt.datetime.fromisoformat(value).tzinfo is None:
        return [f"{where}: {value!r} has no offset"]
    if kind == "array":
        items = enumerate(value)
        return [
            problem
            for number, each in items
            for problem in list_problems(each, schema["items"], definitions, f"{where}[{number}]")
        ]
    return list_keys(value, schema, definitions, where) if kind == "object" else []


def list_keys(
    value: dict[str, Any], schema: dict[str, Any], definitions: dict[str, Any], where: str
) -> list[str]:
    known, other = schema.get("properties", {}), schema.get("additionalProperties")
    missing = [f"{where}: no {key}" for key in schema.get("required", ()) if key not in value]
    unknown = [f"{where}: {key}?" for key in value if key not in known and other is None]
    return [
        *missing,
        *unknown,
        *(
            problem
            for key, each in value.items()
            if key in known or other is not None
            for problem in list_problems(each, known.get(key, other), definitions, f"{where}.{key}")
        ),
    ]
