"""Change a setting of a camera, and see that it has changed (PROTOCOL.md, section 5b).

A camera's yes says that it took an order, and nothing of what became of it. So each change is
read, made, and read again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.errors import NetworkError, Refused, UnsupportedFirmware
from v380cli.wire.settings.exchange import Form, SettingReply
from v380cli.wire.settings.subject import Subject, spell

# Some write to their flash first, and some start a part of themselves anew.
READ_BACK_PAUSES_S = (0.0, 0.5, 1.0, 2.0)

V = TypeVar("V")
Differ = Callable[[V, V], list[str]]


class ChangeNotMade(Refused):
    """The camera said yes, and has something else than it was told."""

    code = "not_made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[V]):
    """What a setting was and is; one that is not `verified` was only planned."""

    before: V
    after: V
    verified: bool


def read(client: SettingsClient, subject: Subject[V]) -> V:
    """How it is now; UnsupportedFirmware where the camera does not have it."""
    try:
        return client.run_first(subject.list_get_forms())[1]
    except UnsupportedFirmware as error:
        raise UnsupportedFirmware(
            f"this camera does not offer the setting {subject.name}", hint=error.message
        ) from None


def change(
    client: SettingsClient,
    subject: Subject[V],
    edit: Callable[[V], V],
    *,
    differ: Differ[V] | None = None,
    dry_run: bool = False,
) -> Change[V]:
    """Read, edit, send, and read again; nothing is sent when nothing is to change.

    `differ` says what of that which was wanted did not become so, in words; by default it
    compares every field that is sent. Raises ChangeNotMade for a difference, and NoAnswer when
    the camera did not answer and is as it was, or is not there afterwards.
    """
    before = read(client, subject)
    wanted = edit(before)
    if dry_run or wanted == before:
        return Change(before=before, after=wanted, verified=wanted == before)
    silence = order(client, subject.list_set_forms(wanted))
    find_differences = differ or (lambda one, other: list_differences(subject, one, other))
    after, differences = _read_back(client, subject, wanted, find_differences)
    if differences and silence:
        raise NoAnswer(silence.message, hint="it was not changed; try again")
    if differences:
        raise ChangeNotMade(f"the camera agreed, and yet {'; '.join(differences)}")
    return Change(before=before, after=after, verified=True)


def order(client: SettingsClient, forms: dict[int, Form[SettingReply]]) -> NoAnswer | None:
    """Send a change in the first form that is known; a camera that does not answer may obey."""
    try:
        client.run_first(forms)
    except NoAnswer as silence:
        return silence
    return None


def list_differences(subject: Subject[Any], wanted: Any, after: Any) -> list[str]:
    """A sentence for each field that was sent and is not what it was sent as."""
    pairs = {name: (getattr(wanted, name), getattr(after, name)) for name in subject.list_sent()}
    return [
        f"{name} is {spell(there)}, not {spell(sent)}"
        for name, (sent, there) in pairs.items()
        if sent != there
    ]


def _read_back(
    client: SettingsClient, subject: Subject[V], wanted: V, differ: Differ[V]
) -> tuple[V, list[str]]:
    """What the camera has in the end, and how that differs."""
    *patient, last = READ_BACK_PAUSES_S
    for pause_s in patient:
        client.access.pause(pause_s)
        try:
            after = read(client, subject)
        except NetworkError:  # perhaps it is just starting anew
            continue
        if not (differences := differ(wanted, after)):
            return after, differences
    client.access.pause(last)
    try:
        after = read(client, subject)
    except NetworkError as error:
        client.access.interrupt.check()
        raise explain_absence(error) from error
    return after, differ(wanted, after)


def explain_absence(error: NetworkError) -> NoAnswer:
    """What is known of a change after which the camera is not there."""
    return NoAnswer(
        f"the camera was told, and does not answer since: {error.message}",
        hint="it may be starting anew: see what it has before you try again",
    )
