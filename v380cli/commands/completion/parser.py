"""The parser of the command line as a tree that a completion script can be written from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FILE_METAVARS = ("FILE", "PATH")  # of options whose value is more than a path, a template say
SUMMARY_MAX_CHARS = 70  # a line of a menu

ASK_CAMERAS = "_V380_COMPLETE=cameras v380 2>/dev/null"  # the names, a line each


class Value(StrEnum):
    """What follows an option, or stands as an argument."""

    NONE = "none"
    TEXT = "text"
    FILE = "file"
    CAMERA = "camera"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Option:
    """An option with all its spellings."""

    names: tuple[str, ...]
    summary: str
    value: Value
    choices: tuple[str, ...] = ()
    repeatable: bool = False


HELP = Option(("-h", "--help"), "Show help", Value.NONE)


@dataclass(frozen=True, slots=True)
class Node:
    """A command or a group of commands; the root's path is empty."""

    path: tuple[str, ...]
    summary: str
    options: tuple[Option, ...]
    children: tuple["Node", ...]
    argument: Option | None

    @property
    def name(self) -> str:
        """Its own word."""
        return self.path[-1] if self.path else ""


def read_parser(command: Any, path: tuple[str, ...] = ()) -> Node:
    """The tree of commands below a parser; hidden commands and options are left out."""
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    options = [_read_param(param) for param in shown if "--help" not in param.opts]
    arguments = [option for option in options if not option.names[0].startswith("-")]
    children = getattr(command, "commands", {})
    return Node(
        path=path,
        summary=_shorten(command.help or ""),
        options=(*(option for option in options if option not in arguments), HELP),
        children=tuple(
            read_parser(child, (*path, name))
            for name, child in sorted(children.items())
            if not child.hidden
        ),
        argument=arguments[0] if arguments else None,
    )


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
        return Value.CAMERA
    if hasattr(param.type, "choices"):
        return Value.CHOICE
    is_file = param.type.name == "path" or param.metavar in FILE_METAVARS
    return Value.FILE if is_file else Value.TEXT


def _shorten(text: str) -> str:
    """The first clause, without the characters that a shell could take for its own."""
    clause = re.split(r"\.\s|\n\n|;", text, maxsplit=1)[0]
    typeset = re.sub(r"(?<=\w)'(?=\w)", "\u2019", " ".join(clause.split()))
    plain = re.sub(r"[`'\"\\\[\]$]", "", typeset).rstrip(".")
    if len(plain) <= SUMMARY_MAX_CHARS:
        return plain
    return f"{plain[: SUMMARY_MAX_CHARS - 3].rstrip()}..."
