"""A camera in the device list: what is kept of it, what is accepted, and what a beacon changes."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from v380cli.errors import StorageError
from v380cli.models import MAX_DEVICE_ID, Beacon, Device, Quality, Secret, Via
from v380cli.text import clean_text

NAME_MAX_CHARS = 64  # fits a table row and, as a slug, a file name
NOTES_MAX_CHARS = 2000
USERNAME_MAX_CHARS = 64
PASSWORD_MAX_CHARS = 128  # the widest password field on the wire has 64 bytes
GROUP = r"[\w.-]{1,32}"  # a word that a shell passes on as `@group` unquoted
URL = r"[!-~]{1,512}"
# A camera that is seen again within this time is not written again: `discover --watch` hears
# every camera once a second.
LAST_SEEN_STEP = dt.timedelta(minutes=1)

# The order of `make_record`'s row.
READ_COLUMNS = (
    "key, name, device_id, mac, host, port, username, password_place, quality, login_variant, "
    "notes, ptz_swapped, via, learnt_via, rtsp_url, added, last_seen"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """A camera in the list; what comes out of the list carries no password.

    `added` None means now, `last_seen` None never; both are aware of their time zone.
    """

    device: Device
    groups: tuple[str, ...] = ()
    notes: str = ""
    added: dt.datetime | None = None
    last_seen: dt.datetime | None = None
    has_password: bool = False
    key: str = field(default="", repr=False)


def normalise(text: str) -> str:
    """One spelling for what looks the same: composed, cleaned of control characters."""
    return clean_text(unicodedata.normalize("NFC", text))


def clean_record(record: DeviceRecord) -> DeviceRecord:
    """The record as the list keeps it; raises StorageError for what it does not take."""
    device = record.device
    name, notes = normalise(device.name), normalise(record.notes)
    groups = tuple(sorted({normalise(group) for group in record.groups}))
    if not 0 < len(name) <= NAME_MAX_CHARS:
        raise StorageError(f"a camera's name has 1 to {NAME_MAX_CHARS} characters")
    if name.startswith("@"):
        raise StorageError(f"the name {name!r} begins with '@', which asks for a group")
    if len(notes) > NOTES_MAX_CHARS:
        raise StorageError(f"the notes of {name!r} have more than {NOTES_MAX_CHARS} characters")
    for group in groups:
        if not re.fullmatch(GROUP, group):
            raise StorageError(
                f"{group!r} is not a name for a group",
                hint="a group is one word of letters, digits, '.', '_' and '-'",
            )
    if not 0 <= device.device_id <= MAX_DEVICE_ID:
        raise StorageError(f"{device.device_id} is not a device id")
    if not 0 < device.port < 65536:
        raise StorageError(f"{device.port} is not a port")
    check_username(device.username)
    check_password(device.password)
    check_rtsp_url(device.rtsp_url)
    return replace(record, device=replace(device, name=name), notes=notes, groups=groups)


def check_rtsp_url(url: str) -> None:
    """Raise StorageError, without quoting it, for what is not an address, or has a user in it."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme == "rtsp" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if url and (not is_address or "@" in parts.netloc or not re.fullmatch(URL, url)):
        raise StorageError(
            "an RTSP address is rtsp://HOST[:PORT]/PATH, without a user and a password",
            hint="those are kept apart: --username and --password-stdin",
        )


def check_username(username: str) -> None:
    """Raise StorageError for a user's name that no line or file could carry."""
    if len(username) > USERNAME_MAX_CHARS:
        raise StorageError(f"the user's name has more than {USERNAME_MAX_CHARS} characters")
    if _is_broken(username):
        raise StorageError("the user's name has control characters or broken text in it")


def check_password(password: Secret) -> None:
    """Raise StorageError, without quoting it, for a password that no line or file could carry."""
    text = password.reveal()
    if len(text) > PASSWORD_MAX_CHARS:
        raise StorageError(f"the password has more than {PASSWORD_MAX_CHARS} characters")
    if _is_broken(text):
        raise StorageError("the password has control characters or broken text in it")


def _is_broken(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def make_row(record: DeviceRecord) -> dict[str, str | int]:
    """The values by column; the key, the password and the day it was added are not among them."""
    device = record.device
    return {
        "name": device.name,
        "folded_name": device.name.casefold(),
        "device_id": device.device_id,
        "mac": device.mac,
        "host": device.host,
        "port": device.port,
        "username": device.username,
        "quality": device.quality or "",
        "login_variant": device.login_variant,
        "ptz_swapped": device.ptz_swapped,
        "via": device.via,
        "learnt_via": device.learnt_via or "",
        "rtsp_url": device.rtsp_url,
        "notes": record.notes,
        "last_seen": format_time(record.last_seen),
    }


def make_record(row: tuple[Any, ...], groups: tuple[str, ...]) -> DeviceRecord:
    """The record of a row of READ_COLUMNS."""
    (key, name, device_id, mac, host, port, username, place, quality, variant, *rest) = row
    (notes, ptz_swapped, via, learnt_via, rtsp_url, *times) = rest
    device = Device(
        name=name,
        device_id=device_id,
        mac=mac,
        host=host,
        port=port,
        username=username,
        quality=Quality(quality) if quality else None,
        login_variant=variant,
        ptz_swapped=bool(ptz_swapped),
        via=Via(via),
        learnt_via=Via(learnt_via) if learnt_via else None,
        rtsp_url=rtsp_url,
    )
    added, last_seen = map(parse_time, times)
    return DeviceRecord(
        device=device,
        groups=groups,
        notes=notes,
        added=added,
        last_seen=last_seen,
        has_password=bool(place),
        key=key,
    )


def is_sender(device: Device, beacon: Beacon) -> bool:
    """Whether `device` can have sent `beacon`: an id or MAC agrees, and none contradicts."""
    pairs = [(device.mac, beacon.mac), (device.device_id, beacon.device_id)]
    known = [(ours, theirs) for ours, theirs in pairs if ours and theirs]
    return bool(known) and all(ours == theirs for ours, theirs in known)


def learn_beacon(record: DeviceRecord, beacon: Beacon) -> DeviceRecord:
    """The record with what `beacon` says of the camera; the same object where that is not news."""
    device = replace(
        record.device,
        device_id=beacon.device_id or record.device.device_id,
        mac=beacon.mac or record.device.mac,
        host=beacon.ip or record.device.host,
        port=beacon.port if beacon.ip else record.device.port,
    )
    now = dt.datetime.now(dt.UTC)
    is_recent = record.last_seen is not None and now - record.last_seen < LAST_SEEN_STEP
    if is_recent and device == record.device:
        return record
    return replace(record, device=device, last_seen=now)


def learn_login(record: DeviceRecord, device: Device) -> DeviceRecord:
    """The record with where and how the camera has let us in, now."""
    learnt = replace(
        record.device,
        device_id=device.device_id or record.device.device_id,
        mac=device.mac or record.device.mac,
        host=device.host,
        port=device.port,
        login_variant=device.login_variant,
        learnt_via=device.learnt_via,
        rtsp_url=device.rtsp_url,
    )
    return replace(record, device=learnt, last_seen=dt.datetime.now(dt.UTC))


def format_time(time: dt.datetime | None) -> str:
    """RFC 3339 in UTC, empty for None."""
    return time.astimezone(dt.UTC).isoformat(timespec="seconds") if time else ""


def parse_time(text: str) -> dt.datetime | None:
    """The reverse of `format_time`, from any offset; raises ValueError."""
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC) if text else None
    except OverflowError as error:
        raise ValueError(f"{text!r} lies before or after all calendars") from error
