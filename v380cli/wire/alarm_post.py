"""Alarms as cameras post them to their maker's servers, over plain HTTP (PROTOCOL.md, section 6).

Nobody has seen such a body of a real camera here: what is read is what the firmware's strings say,
and as little as possible is taken for granted.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from v380cli.errors import RemoteProtocolError
from v380cli.text import parse_json

LIST_PATHS = ("/api/v1/service/alarmserver/list", "/api/v3/alarm_server_list")
ALARM_PATH = "/api/v1/detection/alarm"
TAKEN, REFUSED = 1000, 1001  # any other number than 1000 is a refusal
SIGNED_FIELDS = ("alarm_id", "alarm_level", "alarm_time", "alarm_type", "dev_id")
SALT = "hongshipush"
PORTS = range(1, 1 << 16)
PICTURE_BEGIN = re.compile(rb'"picture_data"\s*:\s*"')
PICTURE_SIZE = re.compile(rb'"picture_size"\s*:\s*"?(\d{1,9})')
PICTURE_END = b"***"
JPEG_BEGIN = b"\xff\xd8"
PICTURE_MAX_BYTES = 512 << 10  # many may wait for somebody who is down

# What of a body may be shown to others; of all else there are the kind and the length.
HARMLESS = {
    *("alarm_type", "alarm_level", "chn_id", "lens_type", "pano_x", "pano_y", "pano_rad"),
    *("picture_size", "storage_type", "x", "y", "w", "h", "battery"),
}
SHOWN_BEGIN = 4  # bytes of a picture: they tell how it is encoded
SHOWN_DEPTH = 8  # the firmware has lists of objects in an object


class AlarmKind(IntEnum):
    """The values of `alarm_type`."""

    NORMAL = 0
    SMOKE = 1
    MOTION = 2
    PIR = 3
    ACCESS = 4
    GAS = 5
    WARNING = 6
    PASSWORD_CHANGED = 7
    HUMAN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPost:
    """One alarm; `time` is the camera's number, and `picture` a JPEG or nothing."""

    device_id: int
    kind: int
    number: int
    time: int
    level: int = 0
    picture: bytes = field(default=b"", repr=False)

    @property
    def kind_name(self) -> str:
        """In words."""
        if self.kind in set(AlarmKind):
            return AlarmKind(self.kind).name.lower().replace("_", " ")
        return f"kind {self.kind}"


def parse_alarm(body: bytes) -> AlarmPost:
    """The alarm in a body; RemoteProtocolError for what is none, or is not signed as it should."""
    text, picture = _cut_picture(body)
    document = _parse_object(text)
    numbers = {name: _read_number(document, name) for name in SIGNED_FIELDS}
    signature = str(document.get("signature", "")).strip().lower().encode(errors="replace")
    if not hmac.compare_digest(signature, sign(numbers).encode()):
        raise RemoteProtocolError("an alarm with a wrong signature")
    return AlarmPost(
        device_id=numbers["dev_id"],
        kind=numbers["alarm_type"],
        number=numbers["alarm_id"],
        time=numbers["alarm_time"],
        level=numbers["alarm_level"],
        picture=_decode_picture(picture),
    )


def encode_alarm(alarm: AlarmPost, message: Mapping[str, Any]) -> bytes:
    """A body as a camera makes it: `message`, or the picture raw between quotes."""
    numbers = dict(
        zip(
            SIGNED_FIELDS,
            (alarm.number, alarm.level, alarm.time, alarm.kind, alarm.device_id),
            strict=True,
        )
    )
    document: dict[str, Any] = {**numbers, "signature": sign(numbers)}
    if not alarm.picture:
        return json.dumps({**document, "alarm_msg": dict(message)}).encode()
    shape = {"chn_id": 0, "lens_type": 0, "picture_size": len(alarm.picture), "picture_data": ""}
    text = json.dumps({**document, "alarm_picture": shape}).encode()
    head, tail = text[: -len(b'"}}')], text[-len(b'"}}') :]
    return head + alarm.picture + PICTURE_END + tail


def sign(numbers: Mapping[str, int]) -> str:
    """What the maker's firmware calls a signature: everybody can make it."""
    text = "&".join(f"{name}={numbers[name]}" for name in SIGNED_FIELDS) + SALT
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def encode_answer(result: int) -> bytes:
    """The answer to an alarm. A `timestamp` of 0 leaves the camera's clock alone."""
    return json.dumps({"result": result, "timestamp": 0}).encode()


def parse_answer(body: bytes) -> int:
    """The result in an answer; RemoteProtocolError where there is none."""
    return _read_number(_parse_object(body), "result")


def encode_server_list(host: str, port: int) -> bytes:
    """The answer to who asks where alarms go: there."""
    server = {"addr": host, "port": port}
    document = {"result": TAKEN, "description": "ok", "proto": "HTTP", "servers": [server]}
    return json.dumps({**document, "ai_servers": [server]}).encode()


def parse_server_list(body: bytes) -> tuple[str, int]:
    """The first server of a list; RemoteProtocolError where there is none."""
    document = _parse_object(body)
    try:
        if document["result"] != TAKEN:
            raise ValueError
        server = document["servers"][0]
        if (port := int(server["port"])) not in PORTS:
            raise ValueError
        return str(server["addr"]), port
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise RemoteProtocolError("no list of servers") from error


def describe_body(body: bytes) -> Any:
    """What a body is like, for a report: no id, name, password, time or picture is in it."""
    text, picture = _cut_picture(body)
    try:
        document: Any = _redact(_parse_object(text))
    except RemoteProtocolError:
        names = [name.decode() for name in re.findall(rb'"(\w{1,40})"\s*:', text)[:50]]
        document = {"is_json": False, "names": names}
    begin = picture[:SHOWN_BEGIN].hex(" ")
    return {
        "bytes": len(body),
        "document": document,
        "picture": f"{len(picture)} bytes that begin with {begin}" if picture else "",
    }


def _redact(value: Any, name: str = "", depth: int = SHOWN_DEPTH) -> Any:
    match value:
        case dict() | list() if not depth:
            return "more"
        case dict():
            some = list(value.items())[:50]
            return {key[:40]: _redact(each, key, depth - 1) for key, each in some}
        case list():
            return [_redact(each, name, depth - 1) for each in value[:20]]
        case bool() | None:
            return value
        case int() | float() if name in HARMLESS:
            return value
        case str():
            return f"text of {len(value)}"
    return "number"


def _cut_picture(body: bytes) -> tuple[bytes, bytes]:
    """The JSON without what stands for the picture, and that.

    It may be raw, so that nothing in it ends it: its size does, or the last mark of an end.
    """
    found = PICTURE_BEGIN.search(body)
    if not found:
        return body, b""
    begin = found.end()
    size = PICTURE_SIZE.search(body, 0, begin)
    end = begin + int(size[1]) if size else len(body)
    if not body.startswith((PICTURE_END, b'"'), end):
        end = body.rfind(PICTURE_END + b'"', begin)
        end = body.rfind(b'"', begin) if end < 0 else end
    if end < begin:
        return body, b""
    rest = body[end:].removeprefix(PICTURE_END)
    return body[:begin] + rest, body[begin:end]


def _decode_picture(data: bytes) -> bytes:
    """The JPEG that was sent raw, in base64 or in hex; empty for what is none, or is too large."""
    for decode in (bytes, _decode_base64, _decode_hex):
        picture = decode(data)
        if picture.startswith(JPEG_BEGIN):
            return picture if len(picture) <= PICTURE_MAX_BYTES else b""
    return b""


def _decode_base64(data: bytes) -> bytes:
    try:
        return base64.b64decode(data)  # which leaves out the backslash of `\/`
    except binascii.Error:
        return b""


def _decode_hex(data: bytes) -> bytes:
    try:
        return binascii.unhexlify(data)
    except binascii.Error:
        return b""


def _parse_object(text: bytes) -> dict[str, Any]:
    try:
        document = parse_json(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RemoteProtocolError("an alarm that is not a JSON object")
    return document


def _read_number(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    try:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise RemoteProtocolError(f"an alarm without {name}") from None
    if not -(1 << 31) <= number < 1 << 32:
        raise RemoteProtocolError(f"an alarm with an impossible {name}")
    return number
