"""Cameras made as a dump says, each setting read back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from v380cli.camera.interrupt import Interrupt
from v380cli.camera.settings.client import SettingsClient
from v380cli.errors import InvalidInput, NetworkError, V380Error, describe_error
from v380cli.models import Device
from v380cli.text import parse_json
from v380cli.work.outcome import Outcome, join_errors
from v380cli.work.settings import documents
from v380cli.work.settings.edits import Edit, edit_topic
from v380cli.work.settings.reading import FILE_KIND, FILE_VERSION
from v380cli.work.settings.topics import SAVED, find_topic, parse_saved
from v380cli.work.targets import reach

Wanted = dict[str, dict[str, Any]]  # values by key, by the name of the subject
ADDRESS = "address"  # a subject
LOG_IN = ""  # in place of a subject: nothing could be set


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


def parse_document(text: str) -> tuple[Wanted, int]:
    """What a dump wants, and the id of the camera that it is of; InvalidInput for nonsense."""
    try:
        document = parse_json(text)
    except ValueError as error:
        raise InvalidInput(f"the file is not JSON: {error}") from None
    is_ours = isinstance(document, dict) and document.get("kind") == FILE_KIND
    if not is_ours or not isinstance(document.get("settings"), dict):
        raise InvalidInput("the file was not written by `v380 settings dump`")
    if document.get("version") != FILE_VERSION:
        raise InvalidInput("the file was written by a newer v380cli")
    wanted: Wanted = {}
    for name, values in document["settings"].items():
        topic = find_topic(str(name), SAVED)
        if not isinstance(values, dict):
            raise InvalidInput(f"{name} in the file is not an object")
        wanted[topic.name] = {key: parse_saved(topic, key, value) for key, value in values.items()}
    return wanted, document["id"] if isinstance(document.get("id"), int) else 0


def plan_all(
    devices: Sequence[Device], wanted: Wanted, owner_id: int
) -> list[tuple[Device, Wanted]]:
    """What is wanted of each camera: of the one that the file is of also its address.

    InvalidInput where nothing is left of what the file has.
    """
    common = {name: values for name, values in wanted.items() if name != ADDRESS}
    plans = [
        (device, wanted if owner_id and device.device_id == owner_id else common)
        for device in devices
    ]
    if wanted and not any(plan for _, plan in plans):
        raise InvalidInput("the file has nothing but the address of another camera")
    return plans


def apply_to(device: Device, wanted: Wanted, interrupt: Interrupt, *, dry_run: bool) -> Applied:
    """Make one camera so, as far as it goes; its address comes last."""
    result = Applied(device)
    try:
        client = SettingsClient.log_in(reach(device, interrupt))
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


def find_error(results: Sequence[Applied]) -> V380Error | None:
    """The error that the whole command ends with, or None."""
    outcomes = [outcome for result in results for outcome in result.list_outcomes()]
    return join_errors(outcomes, "settings")
