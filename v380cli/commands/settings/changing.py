"""`v380 settings set`: change one subject of one camera, and say what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from v380cli.camera.configure import Change, change
from v380cli.camera.configure_account import change_account
from v380cli.camera.configure_address import MOVE_TIMEOUT_S, change_address
from v380cli.camera.configure_clock import set_clock
from v380cli.commands import _console, _options, _target
from v380cli.commands.settings import documents, session
from v380cli.commands.settings.topics import TOPICS, Topic, find_topic, parse_assignments
from v380cli.errors import InvalidInput, StorageError
from v380cli.models import Secret
from v380cli.store.database import open_device_list
from v380cli.wire.address_settings import ADDRESS, AddressMode
from v380cli.wire.clock_settings import CLOCK
from v380cli.wire.user_settings import USER

PASSWORD = "password"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a change did, as documents; `verified` is false for what was only planned."""

    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    verified: bool

    def describe(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "verified": self.verified,
        }

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Key, former and new value of what differs."""
        return documents.list_changes(self.before, self.after)


DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
]


def set_(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CAMERA SUBJECT [KEY=VALUE]...",
            help="A camera; record, clock, alarm, arming, light, address, user or password; "
            "and what it is to be.",
            autocompletion=_options.complete_camera,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    dry_run: DryRunOption = False,
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long a camera has to move; else 60 s.")
    ] = "",
    new_password_stdin: Annotated[
        bool,
        typer.Option("--new-password-stdin", help="The new password from standard input."),
    ] = False,
    id_: _options.DeviceIdOption = 0,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Change what a camera is set to, and read it back; what is not named stays.

    record always=on full=overwrite, clock now, alarm motion=on, light brightness=50, address
    static ip=192.168.1.50 mask=255.255.255.0 gateway=192.168.1.1, address dhcp, password. A new
    password comes from a prompt, V380_NEW_PASSWORD or, after the present one, standard input.
    """
    cameras, (name, *rest) = _split_subject(words, device)
    timeout_s = _options.parse_duration(timeout) if timeout else MOVE_TIMEOUT_S
    is_account = name in (PASSWORD, USER.name)
    topic = TOPICS[USER.name] if name == PASSWORD else find_topic(name)
    values = {} if name == PASSWORD else parse_assignments(topic, rest)
    if name == PASSWORD and rest:
        raise InvalidInput("a password is no argument: it would be seen by others")
    if dry_run and is_account:
        raise InvalidInput("a change of user or password has no --dry-run")
    login = _target.LoginOptions(username=username, password_stdin=password_stdin, device_id=id_)
    camera = session.resolve_one(cameras, login)
    new_password = _read_new_password(new_password_stdin) if name == PASSWORD else None
    with session.open_session(camera, is_change=True) as opened:
        if is_account:
            outcome = _set_account(opened, name, values.get("name"), new_password)
        else:
            outcome = make_change(opened, topic, values, timeout_s=timeout_s, dry_run=dry_run)
    if json_:
        _console.print_json({"device": camera.label, **outcome.describe()})
    else:
        print_outcome(outcome, dry_run=dry_run)


def make_change(
    opened: session.Session,
    topic: Topic,
    values: Mapping[str, Any],
    *,
    timeout_s: float = MOVE_TIMEOUT_S,
    dry_run: bool = False,
) -> Outcome:
    """Make one change and read it back; raises what `camera.configure` raises."""
    if topic.subject is CLOCK:
        return _set_clock(opened, topic, values, dry_run=dry_run)
    if topic.subject is ADDRESS:
        made = _set_address(opened, values, timeout_s=timeout_s, dry_run=dry_run)
    else:
        made = change(
            opened.client, topic.subject, lambda before: replace(before, **values), dry_run=dry_run
        )
    return Outcome(
        subject=topic.name,
        before=documents.describe(made.before),
        after=documents.describe(made.after),
        verified=made.verified,
    )


def print_outcome(outcome: Outcome, *, dry_run: bool) -> None:
    """What changed, a row for each key, and in words whether that was seen."""
    if not outcome.changes:
        _console.talk(f"{outcome.subject}: it is so already")
        return
    _console.print_table(("key", "was", "is"), outcome.changes)
    _console.talk("nothing was sent" if dry_run else "read back: the camera has it so")


def _split_subject(
    words: Sequence[str] | None, device: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    cameras, rest = session.split_words(words, device)
    if not rest:
        raise typer.BadParameter(
            "say what to set: record, clock, alarm, arming, light, address, user or password"
        )
    return cameras, rest


def _set_clock(
    opened: session.Session, topic: Topic, values: Mapping[str, Any], *, dry_run: bool
) -> Outcome:
    numbers = {key: value for key, value in values.items() if key != "time"}
    made = set_clock(
        opened.client, values.get("time"), numbers, sets_time="time" in values, dry_run=dry_run
    )
    drifts = (made.drift_before_s, made.drift_after_s)
    before, after = (
        documents.describe(clock) | {"drift_s": drift}
        for clock, drift in zip((made.change.before, made.change.after), drifts, strict=True)
    )
    return Outcome(subject=topic.name, before=before, after=after, verified=made.change.verified)


def _set_address(
    opened: session.Session, values: Mapping[str, Any], *, timeout_s: float, dry_run: bool
) -> Change[Any]:
    """An address makes it static, whether that is said or not."""
    mode = values.get("mode", AddressMode.STATIC)
    if mode == AddressMode.DHCP and len(values) > 1:
        raise InvalidInput("by DHCP the router chooses the address; say static, or no address")
    made = change_address(
        opened.client,
        lambda before: replace(before, **{**values, "mode": mode}),
        interrupt=opened.interrupt,
        timeout_s=timeout_s,
        dry_run=dry_run,
    )
    if not dry_run:
        session.learn_place(opened.device)
    return made


def _read_new_password(from_stdin: bool) -> Secret:
    from v380cli.commands.provision.network import read_new_password

    return read_new_password(from_stdin=from_stdin)


def _set_account(
    opened: session.Session, subject: str, name: str | None, password: Secret | None
) -> Outcome:
    """A new user name or password; the device list learns what the camera now takes."""
    former = opened.device
    new_name = former.username if name is None else name
    change_account(opened.client, new_name, former.password if password is None else password)
    _learn_account(opened, has_new_password=password is not None)
    if name is None:
        return Outcome(
            subject=subject,
            before={"password": "the former one"},
            after={"password": "the new one"},
            verified=True,
        )
    return Outcome(
        subject=subject, before={"name": former.username}, after={"name": name}, verified=True
    )


def _learn_account(opened: session.Session, *, has_new_password: bool) -> None:
    device = opened.device
    if not device.name:
        return
    try:
        with open_device_list(create=False) as devices, devices.transaction():
            devices.update(
                device.name,
                lambda record: replace(
                    record, device=replace(record.device, username=device.username)
                ),
            )
            if has_new_password:
                devices.write_password(device.name, device.password)
    except StorageError as error:
        error.hint = "the camera has the new one: put it into the list with `v380 devices edit`"
        raise
