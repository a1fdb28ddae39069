"""`v380 settings apply`: what a file says, for one camera or many."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from v380cli.camera.fleet import Fleet
from v380cli.camera.interrupt import Interrupt
from v380cli.commands import _console, _options, _target
from v380cli.commands._boundary import ResultPrinted, describe_error
from v380cli.commands._signals import stop_on_signals
from v380cli.commands.devices.files import read_text
from v380cli.commands.settings import session
from v380cli.commands.settings.changing import DryRunOption, Outcome, make_change
from v380cli.commands.settings.reading import FILE_KIND, FILE_VERSION
from v380cli.commands.settings.topics import SAVED, TOPICS, Topic, find_topic, parse_saved
from v380cli.errors import InvalidInput, NetworkError, PartialFailure, V380Error
from v380cli.models import Device
from v380cli.wire.address_settings import ADDRESS, AddressMode

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a file wants, in the order in which it is done, and of which camera it is (0: none)."""

    device_id: int
    wanted: Sequence[tuple[Topic, Values]]

    def list_for(self, device: Device) -> list[tuple[Topic, Values]]:
        """What of it is for this camera: a static address belongs to one camera alone."""
        return [entry for entry in self.wanted if not self._is_foreign(device, *entry)]

    def leaves_address(self, device: Device) -> bool:
        """Whether the file has an address that this camera does not get."""
        return len(self.list_for(device)) < len(self.wanted)

    def _is_foreign(self, device: Device, topic: Topic, values: Values) -> bool:
        is_address = topic.subject is ADDRESS and values.get("mode") != AddressMode.DHCP
        return is_address and device.device_id != self.device_id


@dataclass(slots=True)
class Report:
    """What became of one camera; `error` ended it, `failed` are subjects that did not work."""

    device: Device
    outcomes: list[Outcome] = field(default_factory=list)
    failed: dict[str, V380Error] = field(default_factory=dict)
    error: V380Error | None = None

    @property
    def errors(self) -> list[V380Error]:
        return [*self.failed.values(), *filter(None, [self.error])]

    def describe(self) -> dict[str, Any]:
        """The object of `apply --json`."""
        return {
            "device": self.device.label,
            "id": self.device.device_id,
            "changes": [outcome.describe() for outcome in self.outcomes],
            "failed": {name: describe_error(error) for name, error in self.failed.items()},
            "error": describe_error(self.error) if self.error else None,
        }


class Applier:
    """Does what a file says to one camera; `stop` may come from a signal handler."""

    def __init__(self, device: Device, file: SettingsFile, *, dry_run: bool) -> None:
        self.device = device
        self._file = file
        self._dry_run = dry_run
        self._interrupt = Interrupt()

    def stop(self) -> None:
        """End early, after the subject under way."""
        self._interrupt.request()

    def run(self) -> Report:
        """Change one subject after the other; no error is raised, the report has it."""
        report = Report(self.device)
        try:
            opened = session.log_in(self.device, self._interrupt)
            for topic, values in self._file.list_for(self.device):
                self._interrupt.check()
                self._apply(opened, topic, values, report)
        except V380Error as error:
            report.error = error
        return report

    def _apply(self, opened: session.Session, topic: Topic, values: Values, report: Report) -> None:
        try:
            report.outcomes.append(make_change(opened, topic, values, dry_run=self._dry_run))
        except NetworkError:
            raise
        except V380Error as error:
            report.failed[topic.name] = error


def apply(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... FILE",
            help="Cameras, and a file of `v380 settings dump`; - is standard input.",
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
    """Bring cameras to what a file says; what the file does not name stays.

    Every change is read back. A static address goes to no other camera than the one it was dumped
    from. Where some did not work the exit code is 10, and which is said.
    """
    if not words:
        raise typer.BadParameter("name the file that `v380 settings dump` wrote")
    *cameras, path = words
    file = parse_file(read_text(Path(path)))
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    devices = _target.resolve_targets(
        [*cameras, *(device or [])], all_devices=all_cameras, login=login
    )
    fleet = Fleet[Report]([Applier(camera, file, dry_run=dry_run) for camera in devices])
    with stop_on_signals(fleet.stop) as caught:
        reports = fleet.run(lambda: None)
    if json_:
        _console.print_json([report.describe() for report in reports])
    else:
        _print_reports(reports, file, dry_run=dry_run)
    if caught.exit_code:
        _console.talk("interrupted: what was under way may be done or not")
        raise typer.Exit(caught.exit_code)
    if error := find_error(reports):
        raise ResultPrinted(error)


def parse_file(text: str) -> SettingsFile:
    """What a file wants, all of it checked; InvalidInput for what is no such file."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("the file is no JSON") from None
    if not isinstance(document, dict) or document.get("kind") != FILE_KIND:
        raise InvalidInput("the file is none that `v380 settings dump` wrote")
    if document.get("version") != FILE_VERSION:
        raise InvalidInput("the file comes from another version of v380")
    settings, device_id = document.get("settings"), document.get("id")
    if not (isinstance(settings, dict) and all(isinstance(v, dict) for v in settings.values())):
        raise InvalidInput("the file's settings are no objects of keys and values")
    for name in settings:
        find_topic(name, SAVED)
    return SettingsFile(
        device_id=device_id if isinstance(device_id, int) else 0,
        wanted=[
            (topic, {key: parse_saved(topic, key, value) for key, value in values.items()})
            for topic in TOPICS.values()
            if (values := settings.get(topic.name))
        ],
    )


def find_error(reports: Sequence[Report]) -> V380Error | None:
    """The error of the whole command: the only one there is, or one that lists them."""
    errors = [error for report in reports for error in report.errors]
    has_success = any(report.outcomes for report in reports)
    if not errors:
        return None
    if len(reports) == 1 and not has_success and len(errors) == 1:
        return errors[0]
    lines = [
        f"{report.device.label} {name}".strip() + f": {error.message}"
        for report in reports
        for name, error in [*report.failed.items(), *([("", report.error)] if report.error else [])]
    ]
    return PartialFailure(f"not everything was set: {'; '.join(lines)}")


def _print_reports(reports: Sequence[Report], file: SettingsFile, *, dry_run: bool) -> None:
    rows = [
        (report.device.label, outcome.subject, *change)
        for report in reports
        for outcome in report.outcomes
        for change in outcome.changes
    ]
    if rows:
        _console.print_table(("camera", "setting", "key", "was", "is"), rows)
    for report in reports:
        if file.leaves_address(report.device):
            _console.talk(f"{report.device.label}: the file's address is another camera's")
        if not report.errors and not any(outcome.changes for outcome in report.outcomes):
            _console.talk(f"{report.device.label}: it is so already")
    if dry_run and rows:
        _console.talk("nothing was sent")
