"""What the parsers of commands and of groups add to typer's."""

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

BETWEEN, AT_LEAST = r"(\S+)<=x<=(\S+)(?=[];.])", r"x>=(\S+)(?=[];.])"
HELP_OPTIONS = {"-h", "--help"}
EXAMPLE = "$ "  # begins a line of a docstring that is an example


class Command(TyperCommand):
    """A command; what `$ ` begins in its docstring are its `examples`."""

    def __init__(self, name: str | None, *, help: str | None = None, **settings: Any) -> None:
        text, self.examples = take_examples(help or "")
        super().__init__(name, help=text, **settings)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """The context, with the defaults of the configuration file; help needs none.

        Garbage is looked for from now on, and never in what was loaded up to here.
        """
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        if parent and not extra.get("resilient_parsing") and not HELP_OPTIONS & set(args):
            from v380cli.commands._config import find_defaults

            root = parent.find_root()
            levels = [*list_levels(parent), (info_name or "", self)]
            defaults = find_defaults(levels, list(root.command.commands))
            extra["default_map"] = {
                name: value for name, value in defaults.items() if not _is_said(root, name)
            }
        return super().make_context(info_name, args, parent, **extra)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line; typer would put braces around what is required."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options."""
        _write_params(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(formatter, self.examples)
        super().format_epilog(ctx, formatter)


class Group(TyperGroup):
    """A group of commands: summaries are shown whole, options may stand before a command's name."""

    def __init__(self, *, help: str | None = None, **settings: Any) -> None:
        text, self.examples = take_examples(help or "")
        super().__init__(help=text, **settings)

    def list_summaries(self) -> list[tuple[str, str]]:
        """The name and the first sentence of each command that is shown."""
        return [
            (name, summarize(command.help or ""))
            for name, command in self.commands.items()
            if not command.hidden
        ]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options and commands."""
        _write_params(self, ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl(self.list_summaries())

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(formatter, self.examples)
        super().format_epilog(ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse them, with options of a command that stand before its name."""
        return super().parse_args(ctx, self._put_behind(args))

    def _put_behind(self, args: list[str]) -> list[str]:
        """`--json info porch` is `info --json porch`; what fits no command stays as it is."""
        own = list_arities(self)
        behind = args[_count(_take_options(args, own)) :]
        if not behind or not behind[0].startswith("-"):
            return args
        for place, word in enumerate(args):
            if word not in self.commands:
                continue
            path, leaf = _find_leaf(self, args[place:])
            options = _take_options(args[:place], list_arities(leaf) | own)
            if _count(options) == place:
                mine = [word for name, words in options if name in own for word in words]
                others = [word for name, words in options if name not in own for word in words]
                return [*mine, *path, *others, *args[place + len(path) :]]
        return args


def take_examples(text: str) -> tuple[str, tuple[str, ...]]:
    """A docstring without the lines that are examples, and those."""
    lines = text.splitlines()
    rest = "\n".join(line for line in lines if not line.startswith(EXAMPLE))
    return rest.strip(), tuple(
        line.removeprefix(EXAMPLE) for line in lines if line.startswith(EXAMPLE)
    )


def summarize(text: str) -> str:
    """The first sentence of a help text, on one line."""
    return " ".join(re.split(r"(?<=\.)\s|\n\n", text, maxsplit=1)[0].split())


def say_range(text: str) -> str:
    """A range such as `[1<=x<=5]` in words."""
    return re.sub(AT_LEAST, r"\1 or more", re.sub(BETWEEN, r"\1 to \2", text))


def say_kind(text: str) -> str:
    """What should have been a number, in words."""
    text = re.sub(r"is not a valid int\w*( range)?", "is not a whole number", text)
    return re.sub(r"is not a valid float( range)?", "is not a number", text)


def list_levels(context: Any) -> list[tuple[str, Any]]:
    """The commands that lead down to this context, without the root, each with its name."""
    if context.parent is None:
        return []
    return [*list_levels(context.parent), (context.info_name, context.command)]


def list_arities(command: Any) -> dict[str, bool]:
    """The options of a command by their spellings, and whether a value follows."""
    return {
        spelling: not (getattr(param, "is_flag", False) or getattr(param, "count", False))
        for param in command.params
        for spelling in (*param.opts, *param.secondary_opts)
        if spelling.startswith("-")
    } | {"-h": False, "--help": False}


def list_records(command: Any, ctx: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Arguments, then options, if there are any: how each is written, and its help text."""
    for kind, title in (("argument", "Arguments"), ("option", "Options")):
        params = [param for param in command.get_params(ctx) if param.param_type_name == kind]
        records = [record for param in params if (record := param.get_help_record(ctx))]
        if records:
            yield title, [(names, say_range(text)) for names, text in records]


def _is_said(root: Any, name: str) -> bool:
    """Whether an option of all commands stands before the command's name, or in a variable."""
    source = root.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _write_params(command: Any, ctx: Any, formatter: Any) -> None:
    for title, records in list_records(command, ctx):
        with formatter.section(title):
            formatter.write_dl(records)


def _write_examples(formatter: Any, examples: Sequence[str]) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def _find_leaf(command: Any, words: Sequence[str]) -> tuple[list[str], Any]:
    """The names that lead down to a command, and the command."""
    path: list[str] = []
    for word in words:
        children: Mapping[str, Any] = getattr(command, "commands", {})
        if word not in children:
            break
        command = children[word]
        path.append(word)
    return path, command


def _take_options(
    args: Sequence[str], arities: Mapping[str, bool]
) -> list[tuple[str, Sequence[str]]]:
    """The options at the beginning of the arguments, each with the arguments that it is made of."""
    options = []
    place = 0
    while place < len(args) and (name := _find_name(args[place], arities)):
        size = 2 if arities[name] and args[place] == name else 1
        if place + size > len(args):  # its value is missing
            break
        options.append((name, args[place : place + size]))
        place += size
    return options


def _count(options: Sequence[tuple[str, Sequence[str]]]) -> int:
    return sum(len(words) for _, words in options)


def _find_name(word: str, arities: Mapping[str, bool]) -> str:
    """The spelling that begins this argument, as of `--id=5` or `-vv`; empty for another word."""
    name = word.partition("=")[0] if word.startswith("--") else word[:2]
    return name if name in arities else ""
