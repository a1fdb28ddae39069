"""`v380 help`: the page of a command, what many commands share, and the man pages."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from v380cli.commands import _console
from v380cli.commands.help.topics import TOPICS
from v380cli.errors import InvalidInput, StorageError
from v380cli.text import advise_word, join_words


def help(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC|COMMAND]...",
            help=f"{join_words(list(TOPICS))}; or the words of a command.",
        ),
    ] = None,
    man: Annotated[
        bool, typer.Option("--man", help="The man page, in troff, of the command or of v380.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="The JSON Schema of what the command's --json prints.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write all pages, or schemas, there."),
    ] = None,
) -> None:
    """Explain a command, or a topic that many commands share.

    $ v380 help exit-codes
    $ v380 help devices add
    $ v380 help --man record | man -l -
    $ v380 help --schema recordings list
    """
    root = context.find_root()
    if output:
        _write_all(_list_schemas() if schema else _list_pages(root.command), output)
        return
    wanted = words or []
    if schema:
        sys.stdout.write(_format_schema(" ".join(wanted)))
        return
    if wanted and not man and (topic := TOPICS.get(" ".join(wanted))):
        sys.stdout.write(topic)
        return
    found = _find_context(root, wanted)
    sys.stdout.write(_format_man(found) if man else f"{found.get_help()}\n")


def _format_man(context: Any) -> str:
    from v380cli.commands.help.man import format_page

    return format_page(context)


def _list_pages(root: Any) -> dict[str, str]:
    from v380cli.commands.help.man import list_pages

    return list_pages(root)


def _list_schemas() -> dict[str, str]:
    from v380cli.commands.help.schema import list_schemas

    return {name: _format_json(schema) for name, schema in list_schemas().items()}


def _format_schema(words: str) -> str:
    """The schema of a command's result; InvalidInput where it has none."""
    from v380cli.commands.help.schema import make_schema
    from v380cli.commands.help.shapes import DOCUMENTS

    if words not in DOCUMENTS:
        raise InvalidInput(
            f"there is no command {words!r} with --json", hint=advise_word(words, DOCUMENTS)
        )
    return _format_json(make_schema(words, "--json"))


def _format_json(document: Any) -> str:
    return f"{json.dumps(document, indent=2)}\n"


def _write_all(texts: dict[str, str], folder: Path) -> None:
    from v380cli.work.user_files import write_bytes

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}") from error
    for name, text in texts.items():
        write_bytes(folder / name, text.encode(), private=False)
    _console.talk(f"Wrote {len(texts)} files to {folder}.")


def _find_context(context: Any, words: list[str]) -> Any:
    """The context of the command that these words name; InvalidInput where there is none."""
    for word in words:
        children = getattr(context.command, "commands", {})
        if word not in children:
            known = [*children, *(TOPICS if context.parent is None else ())]
            raise InvalidInput(
                f"there is no command or topic {word!r}",
                hint=advise_word(word, known) or "`v380 help` lists them",
            )
        context = typer.Context(children[word], info_name=word, parent=context)
    return context
