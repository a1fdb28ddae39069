"""`v380 settings get` and `dump`: what a camera is set to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options, _session
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.errors import V380Error
from v380cli.text import format_json

if TYPE_CHECKING:
    from v380cli.camera.settings.client import SettingsClient
    from v380cli.models import Device
    from v380cli.work.settings.topics import Topic

# `work.settings.topics` has what they are; a TAB and a help page need their names alone.
NAMES = ("record", "clock", "alarm", "light", "versions", "user", "address")
CameraAndWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_options.Words("[CAMERA] [SUBJECT]...", *(len(NAMES) * [NAMES])),
        help="Which, or @group; then record, clock, alarm, light, versions, user, address, or all.",
        autocompletion=_options.complete_target,
    ),
]


@camera_command(CameraAndWords, all_devices=True)
def get(
    call: CameraCall,
) -> Result:
    """Show what a camera is set to; nothing is changed.

    What it does not have is shown as not offered. Numbers whose meaning no source tells are
    shown as they are.

    $ v380 settings get porch
    $ v380 settings get @outside clock --json
    """
    from v380cli.work.settings.reading import make_document, read_topics
    from v380cli.work.settings.topics import SHOWN, find_topic

    names = call.take_rest()
    topics = [find_topic(name) for name in names] or SHOWN

    def read(client: "SettingsClient") -> "list[tuple[Topic, Any]]":
        return read_topics(client, topics, is_each_wanted=bool(names))

    return _session.ask_each(call.resolve(), read, make_document, _show)


def _show(found: "Sequence[tuple[Device, Sequence[tuple[Topic, Any]]]]") -> None:
    if len(found) == 1:
        _console.print_table(("setting", "key", "value"), list_rows(found[0][1]))
        return
    rows = [(camera.label, *row) for camera, values in found for row in list_rows(values)]
    _console.print_table(("camera", "setting", "key", "value"), rows)


@camera_command(_options.CameraArgument, json=False)
def dump(
    call: CameraCall,
    output: Annotated[Path | None, _options.place_option("FILE", "Else standard output.")] = None,
) -> None:
    """Write what can be set into a JSON file that `v380 settings apply` takes; no secrets.

    $ v380 settings dump porch -o porch.json
    """
    from v380cli.work.settings.reading import make_dump, read_topics
    from v380cli.work.settings.topics import SAVED

    one = call.resolve_one()
    with _session.open_session(one) as client:
        found = read_topics(client, SAVED)
    document = make_dump(one, found)
    if output is None:
        _console.print_json(document)
        return
    from v380cli.work.user_files import write_bytes

    text = format_json(document, indent=2)
    write_bytes(output, f"{text}\n".encode(), private=True)
    _console.talk(f"wrote {', '.join(document['settings'])} to {output}")


def list_rows(found: "Sequence[tuple[Topic, Any]]") -> list[tuple[str, str, str]]:
    """Setting, key and value, a row each."""
    from v380cli.work.settings import documents
    from v380cli.work.settings.reading import describe, name_reason

    rows: list[tuple[str, str, str]] = []
    for topic, value in found:
        if isinstance(value, V380Error):
            rows.append((topic.name, "", name_reason(value)))
            continue
        rows += [
            (topic.name, key, documents.format_value(item)) for key, item in describe(value).items()
        ]
    return rows
