"""The parser of the command line as a tree that a completion script can be written from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from v380cli.commands._options import ASSIGNMENTS, FILES, POSITIONS

FILE_METAVARS = ("FILE", "PATH")  # of options whose value is more than a path, a template say
SUMMARY_MAX_CHARS = 70  # a line of a menu

# Names, a line each.
ASK_CAMERA = "_V380_COMPLETE=cameras v380 2>/dev/null"
ASK_TARGET = "_V380_COMPLETE=targets v380 2>/dev/null"


class Value(StrEnum):
    """What follows an option, or stands as an argument."""

    NONE = "none"
    TEXT = "text"
    FILE = "file"
    CAMERA = "camera"
    TARGET = "target"  # a camera or a group
    POSITION = "position"
    CHOICE = "choice"
    ASSIGNMENT = "assignment"


NAMED_PLACES = {
    FILES: Value.FILE,
    POSITIONS: Value.POSITION,
    ASSIGNMENTS: Value.ASSIGNMENT,
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option with all its spellings; `assignments` by the word behind the camera."""

    names: tuple[str, ...]
    summary: str
    value: Value
    choices: tuple[str, ...] = ()
    repeatable: bool = False
    assignments: dict[str, list[str]] = field(default_factory=dict)


HELP = Option(("-h", "--help"), "Show help", Value.NONE)


@dataclass(frozen=True, slots=True)
class Node:
    """A command or a group of commands; the root's path is empty.

    `places` are its arguments one by one; where it `repeats`, the last may come again.
    """

    path: tuple[str, ...]
    summary: str
    options: tuple[Option, ...]
    children: tuple["Node", ...]
    places: tuple[Option, ...]
    repeats: bool

    @property
    def begins_with_camera(self) -> bool:
        """Whether its first argument may be said with -d or --all instead."""
        return bool(self.places) and self.places[0].value in (Value.CAMERA, Value.TARGET)

    @property
    def name(self) -> str:
        """Its own word."""
        return self.path[-1] if self.path else ""


def read_parser(command: Any, path: tuple[str, ...] = ()) -> Node:
    """The tree of commands below a parser; hidden commands and options are left out."""
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    options = [param for param in shown if param.param_type_name == "option"]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    children = getattr(command, "commands", {})
    return Node(
        path=path,
        summary=_shorten(command.help or ""),
        options=(*(_read_param(each) for each in options if "--help" not in each.opts), HELP),
        children=tuple(
            read_parser(child, (*path, name))
            for name, child in sorted(children.items())
            if not child.hidden
        ),
        places=tuple(place for argument in arguments for place in _list_places(argument)),
        repeats=bool(arguments) and _is_endless(arguments[-1]),
    )


def _list_places(argument: Any) -> Iterator[Option]:
    """The argument, and what may stand after a camera in it."""
    yield _read_param(argument)
    for words in getattr(argument.metavar, "after", ()):
        value = NAMED_PLACES.get(words, Value.CHOICE if words else Value.TEXT)
        yield Option(
            (),
            "",
            value,
            choices=words if value is Value.CHOICE else (),
            assignments=_list_assignments() if value is Value.ASSIGNMENT else {},
        )


def _list_assignments() -> dict[str, list[str]]:
    """What can be set of each topic, as `key=word` where there are words, else as `key=`."""
    from v380cli.work.settings.topics import TOPICS

    return {
        topic.name: [
            f"{'' if words and key == topic.bare else f'{key}='}{word}"
            for key, kind in topic.kinds.items()
            for words in (kind.known_words,)
            for word in words or ("",)
        ]
        for topic in TOPICS.values()
        if topic.kinds
    }


def _is_endless(argument: Any) -> bool:
    last = getattr(argument.metavar, "after", ())[-1:]
    return bool(argument.nargs == -1 and last in ((), (ASSIGNMENTS,)))


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def _read_param(param: Any) -> Option:
    is_switch = getattr(param, "is_flag", False) or getattr(param, "count", False)
    return Option(
        names=tuple(sorted([*param.opts, *param.secondary_opts], key=len)),
        summary=_shorten(getattr(param, "help", None) or ""),
        value=Value.NONE if is_switch else _read_value(param),
        choices=() if is_switch else tuple(getattr(param.type, "choices", ())),
        repeatable=getattr(param, "multiple", False) or getattr(param, "count", False),
    )


def _read_value(param: Any) -> Value:
    if "CAMERA" in (param.metavar or ""):
        is_one = param.nargs == 1 and not getattr(param, "multiple", False)
        return Value.CAMERA if is_one else Value.TARGET
    if hasattr(param.type, "choices"):
        return Value.CHOICE
    is_file = param.type.name == "path" or (param.metavar or "").strip("[]") in FILE_METAVARS
    return Value.FILE if is_file else Value.TEXT


def _shorten(text: str) -> str:
    """The first clause, without the characters that a shell could take for its own."""
    clause = re.split(r"\.\s|\n\n|;", text, maxsplit=1)[0]
    typeset = re.sub(r"(?<=\w)'(?=\w)", "\u2019", " ".join(clause.split()))
    plain = re.sub(r"[`'\"\\\[\]$]", "", typeset).rstrip(".")
    if len(plain) <= SUMMARY_MAX_CHARS:
        return plain
    return f"{plain[: SUMMARY_MAX_CHARS - 3].rstrip()}..."
