"""One change of one camera: which way each subject goes, and how it is told."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from v380cli.camera.settings.account import change_account
from v380cli.camera.settings.address import change_address
from v380cli.camera.settings.card import format_card
from v380cli.camera.settings.client import SettingsClient
from v380cli.camera.settings.clock import set_clock
from v380cli.camera.settings.configure import Change, change
from v380cli.errors import StorageError
from v380cli.models import Beacon, Device
from v380cli.store.database import open_device_list
from v380cli.wire.settings.address import ADDRESS, AddressMode
from v380cli.wire.settings.clock import CLOCK
from v380cli.wire.settings.users import USER
from v380cli.work.settings import documents
from v380cli.work.settings.topics import Topic

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a subject was and is; one that is not `verified` was only planned."""

    subject: str
    before: Document
    after: Document
    verified: bool

    def to_json(self, device: Device) -> Document:
        """The object of `set --json`."""
        return {
            **documents.describe_device(device),
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "verified": self.verified,
        }

    def list_rows(self) -> list[tuple[str, str, str, str]]:
        """Subject, key, former and new value of what differs."""
        changes = documents.list_changes(self.before, self.after)
        return [(self.subject, *change) for change in changes]


def wipe_card(client: SettingsClient) -> Edit:
    """Format the card: what it was, and what it is."""
    return _describe("card", format_card(client))


def edit_topic(
    client: SettingsClient, topic: Topic, values: Mapping[str, Any], *, dry_run: bool = False
) -> Edit:
    """Give `values` to a camera and read them back; raises what `camera.configure` does."""
    if topic.subject is CLOCK:
        return _edit_clock(client, dict(values), dry_run=dry_run)
    if topic.subject is USER:
        return _edit_user(client, values["name"], dry_run=dry_run)
    if topic.subject is ADDRESS:
        made = change_address(
            client,
            lambda before: replace(before, **{"mode": AddressMode.STATIC, **values}),
            dry_run=dry_run,
        )
        _learn_place(client.device)
    else:
        made = change(
            client,
            topic.subject,
            lambda before: replace(before, **values),
            dry_run=dry_run,
        )
    return _describe(topic.name, made)


def _describe(subject: str, made: Change[Any]) -> Edit:
    return Edit(
        subject=subject,
        before=documents.describe(made.before),
        after=documents.describe(made.after),
        verified=made.verified,
    )


def _learn_place(device: Device) -> None:
    """Note in the device list where a camera was just seen."""
    if device.name:
        with open_device_list(create=False) as devices:
            devices.learn_address(
                Beacon(device_id=device.device_id, ip=device.host, mac=device.mac, port=device.port)
            )


def _edit_clock(client: SettingsClient, values: dict[str, Any], *, dry_run: bool) -> Edit:
    sets_time = "time" in values
    made = set_clock(
        client,
        values.pop("time", None),
        values,
        sets_time=sets_time,
        dry_run=dry_run,
    )
    before, after = (documents.describe(c) for c in (made.change.before, made.change.after))
    is_same = made.change.before == made.change.after  # and not read twice
    return Edit(
        subject=CLOCK.name,
        before={**before, "drift_s": made.drift_before_s},
        after={**after, "drift_s": made.drift_before_s if is_same else made.drift_after_s},
        verified=made.change.verified,
    )


def _edit_user(client: SettingsClient, name: str, *, dry_run: bool) -> Edit:
    former = client.device
    if not dry_run:
        change_account(client, name, former.password)
        remember_account(former, client.device)
    return Edit(
        subject=USER.name,
        before={"name": former.username},
        after={"name": name},
        verified=not dry_run,
    )


def remember_account(former: Device, device: Device) -> None:
    """Note the user and the password that a camera of the list has now.

    StorageError where the list cannot be changed, with how to tell it later.
    """
    if not former.name:
        return
    try:
        _write_account(former, device)
    except StorageError as error:
        raise StorageError(
            f"{former.label} has changed, and the device list has not: {error.message}",
            hint=f"then: v380 devices edit {shlex.quote(former.name)} --new-password"
            f" --username {shlex.quote(device.username)}",
        ) from error


def _write_account(former: Device, device: Device) -> None:
    with open_device_list(create=False) as devices:
        devices.update(
            former.name,
            lambda record: replace(record, device=replace(record.device, username=device.username)),
        )
        if device.password != former.password:
            devices.write_password(former.name, device.password)
