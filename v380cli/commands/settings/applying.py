"""`v380 settings apply`: what a dump has, to one camera or many."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from v380cli.camera.interrupt import Interrupt
from v380cli.commands import _console, _options, _session, _target
from v380cli.commands._boundary import ResultPrinted
from v380cli.commands.devices.files import STANDARD_STREAM, read_text
from v380cli.commands.settings import documents
from v380cli.commands.settings.changing import DryRunOption
from v380cli.commands.settings.edits import Edit, edit_topic
from v380cli.commands.settings.reading import FILE_KIND, FILE_VERSION
from v380cli.commands.settings.topics import SAVED, find_topic, parse_saved
from v380cli.errors import InvalidInput, NetworkError, V380Error, describe_error
from v380cli.models import Device
from v380cli.text import parse_json
from v380cli.work.outcome import Outcome, join_errors

Wanted = dict[str, dict[str, Any]]  # values by key, by the name of the subject
LOG_IN = ""  # in place of a subject: nothing could be set
COLUMNS = ("camera", "setting", "key", "before", "after")


@dataclass(slots=True)
class Applied:
    """How it went with one camera: what was made, and what not."""

    device: Device
    edits: list[Edit] = field(default_factory=list)
    failures: dict[str, V380Error] = field(default_factory=dict)  # by subject, or `LOG_IN`

    def list_rows(self) -> list[tuple[str, str, str, str]]:
        """Subject, key, former and new value of what differs."""
        return [row for edit in self.edits for row in edit.list_rows()]

    def list_outcomes(self) -> list[Outcome]:
        """What of it was done, and what not."""
        label = self.device.label
        return [(f"{label} {edit.subject}", None) for edit in self.edits] + [
            (f"{label} {name}".rstrip(), error) for name, error in self.failures.items()
        ]

    def to_json(self) -> dict[str, Any]:
        return {
            **documents.describe_device(self.device),
            "settings": [
                {k: v for k, v in edit.to_json(self.device).items() if k not in ("device", "id")}
                for edit in self.edits
            ],
            "errors": {name: describe_error(error) for name, error in self.failures.items()},
        }


def apply(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... FILE",
            help="The cameras, and what `v380 settings dump` wrote; - is standard input.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    all_cameras: Annotated[
        bool, typer.Option("--all", help="Every camera of the device list.")
    ] = False,
    dry_run: DryRunOption = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Set cameras as a file says, each setting read back; leave out of the file what is to stay.

    An address belongs to one camera: it is applied only to the one that the file is of.
    """
    if not words:
        raise typer.BadParameter("name the cameras, then the file")
    *cameras, name = words
    if Path(name) == STANDARD_STREAM and password_stdin:
        raise typer.BadParameter("standard input has the settings; use V380_PASSWORD")
    wanted, owner_id = parse_document(read_text(Path(name)))
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    targets = [*cameras, *(device or [])]
    devices = _target.resolve_targets(targets, all_devices=all_cameras, login=login)
    _check_address(wanted, devices, owner_id)
    interrupt = Interrupt()
    results: list[Applied] = []
    with _session.interruptible(interrupt.request, is_change=True):
        for one in devices:
            results.append(apply_to(one, wanted, interrupt, dry_run=dry_run))
            if interrupt():
                _show(results, json_=json_, dry_run=dry_run)
            interrupt.check()
    _end(results, json_=json_, dry_run=dry_run)


def parse_document(text: str) -> tuple[Wanted, int]:
    """What a dump wants, and the id of the camera that it is of; InvalidInput for nonsense."""
    try:
        document = parse_json(text)
    except ValueError as error:
        raise InvalidInput(f"the file is no JSON: {error}") from None
    is_ours = isinstance(document, dict) and document.get("kind") == FILE_KIND
    if not is_ours or not isinstance(document.get("settings"), dict):
        raise InvalidInput("the file is none that `v380 settings dump` wrote")
    if document.get("version") != FILE_VERSION:
        raise InvalidInput("the file was written by a newer v380cli")
    wanted: Wanted = {}
    for name, values in document["settings"].items():
        topic = find_topic(str(name), SAVED)
        if not isinstance(values, dict):
            raise InvalidInput(f"{name} in the file is no object")
        wanted[topic.name] = {key: parse_saved(topic, key, value) for key, value in values.items()}
    return wanted, document["id"] if isinstance(document.get("id"), int) else 0


def _check_address(wanted: Wanted, devices: Sequence[Device], owner_id: int) -> None:
    """Two cameras cannot have one address."""
    if "address" in wanted and any(device.device_id != owner_id for device in devices):
        raise InvalidInput(
            "the file has the address of one camera",
            hint='take "address" out of it to apply the rest to others',
        )


def apply_to(device: Device, wanted: Wanted, interrupt: Interrupt, *, dry_run: bool) -> Applied:
    """Make one camera so, as far as it goes; its address comes last."""
    result = Applied(device)
    try:
        client = _session.log_in(device, interrupt)
    except V380Error as error:
        result.failures[LOG_IN] = error
        return result
    for topic in SAVED:
        if topic.name not in wanted or interrupt():
            continue
        try:
            result.edits.append(edit_topic(client, topic, wanted[topic.name], dry_run=dry_run))
        except V380Error as error:
            result.failures[topic.name] = error
            if isinstance(error, NetworkError):
                break
    return result


def _end(results: Sequence[Applied], *, json_: bool, dry_run: bool) -> None:
    if len(results) == 1 and LOG_IN in results[0].failures:
        raise results[0].failures[LOG_IN]
    _show(results, json_=json_, dry_run=dry_run)
    if error := find_error(results):
        raise ResultPrinted(error)


def _show(results: Sequence[Applied], *, json_: bool, dry_run: bool) -> None:
    if json_:
        _console.print_json([result.to_json() for result in results])
        return
    rows = [(result.device.label, *row) for result in results for row in result.list_rows()]
    if rows:
        _console.print_table(COLUMNS, rows)
    for result in results:
        if not result.failures and not result.list_rows():
            _console.talk(f"{result.device.label}: all is so already")
        for name, error in result.failures.items():
            _console.talk(f"{result.device.label}: {name and f'{name}: '}{error.message}")
    if dry_run:
        _console.talk("nothing was changed")


def find_error(results: Sequence[Applied]) -> V380Error | None:
    """The error that the whole command ends with, or None."""
    outcomes = [outcome for result in results for outcome in result.list_outcomes()]
    return join_errors(outcomes, "settings")
