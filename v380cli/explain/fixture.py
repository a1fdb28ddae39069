"""A redacted session as a document: what a camera said to what, for tests and for the simulator.

    {"camera": {...}, "connections": [{"said": [{"from", "hex"}...], "frames": [[...], ...]}]}

A row of `frames` is id, type, frames a second, milliseconds, and the parts of the payload: what
each begins with, in hex, and its size in bytes.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from v380cli.errors import InvalidInput
from v380cli.explain.blanking import FILL, blank_message
from v380cli.explain.conversation import FRAME, RECORDED_FRAME
from v380cli.explain.explainer import Event
from v380cli.media.nal import find_nal_units
from v380cli.redaction import Redactor
from v380cli.wire.commands import AUDIO_TYPES, Command
from v380cli.wire.live import FRAME_HEADER
from v380cli.wire.login_messages import LoginReply
from v380cli.wire.registry import find_entry
from v380cli.wire.versions import VersionsReply

MAX_FRAMES = 150  # of a stream: two keyframes of most cameras
MAX_MESSAGES = 1000
FORM = 1
FILLS = bytes([FILL, 0])


@dataclass(slots=True)
class Connection:
    """What was said on one connection, in order, and the live frames that came."""

    said: list[tuple[bool, bytes]] = field(default_factory=list)  # from the camera?, the message
    frames: list[bytes] = field(default_factory=list)


def collect(events: Iterable[Event], redactor: Redactor) -> list[Connection]:
    """The connections of a capture, blanked; of each a bounded number of messages and frames."""
    connections: dict[int, Connection] = {}
    for event in events:
        if event.data is None or not event.connection or event.message == RECORDED_FRAME:
            continue
        connection = connections.setdefault(event.connection, Connection())
        if event.message == FRAME:
            if len(connection.frames) < MAX_FRAMES:
                connection.frames.append(event.data)
        elif len(connection.said) < MAX_MESSAGES:
            blanked = blank_message(event.layout, event.data, redactor)
            connection.said.append((event.direction == "from-camera", blanked))
    return list(connections.values())


def to_document(connections: Iterable[Connection], camera: dict[str, Any]) -> dict[str, Any]:
    """A fixture as JSON has it; `camera` says whose it is and who recorded it."""
    return {
        "form": FORM,
        "camera": camera,
        "connections": [
            {
                "said": [
                    {
                        "from": "camera" if from_camera else "client",
                        "hex": data.rstrip(b"\0").hex(),
                        "bytes": len(data),
                    }
                    for from_camera, data in connection.said
                ],
                "frames": [_write_frame(frame) for frame in connection.frames],
            }
            for connection in connections
        ],
    }


def from_document(document: Any) -> list[Connection]:
    """The reverse of `to_document`; raises InvalidInput."""
    try:
        return [
            Connection(
                [_read_said(said) for said in each["said"]],
                [_read_frame(row) for row in each["frames"][:MAX_FRAMES]],
            )
            for each in document["connections"]
        ]
    except (KeyError, TypeError, ValueError, OverflowError, struct.error) as error:
        raise InvalidInput(f"this is not a fixture of a camera: {error}") from None


def _read_said(said: Any) -> tuple[bool, bytes]:
    data = bytes.fromhex(said["hex"])
    size = int(said["bytes"])
    if not len(data) <= size <= 1 << 16:
        raise ValueError(f"a message of {size} bytes")
    return said["from"] == "camera", data.ljust(size, b"\0")


def _write_frame(frame: bytes) -> list[Any]:
    payload = frame[FRAME_HEADER.size :]
    parts = [[head.hex(), size] for head, size in _split(payload)]
    return [*FRAME_HEADER.unpack_from(frame), parts]


def _read_frame(row: Any) -> bytes:
    frame_id, frame_type, fps, stamp_ms, parts = row
    fill = b"\0" if frame_type in AUDIO_TYPES else bytes([FILL])
    heads = [(bytes.fromhex(head), int(size)) for head, size in parts]
    if sum(size for _, size in heads) > 1 << 22:
        raise ValueError("a frame that is too large")
    payload = b"".join(head.ljust(size, fill)[:size] for head, size in heads)
    return FRAME_HEADER.pack(frame_id, frame_type, fps, stamp_ms) + payload


def _split(payload: bytes) -> Iterator[tuple[bytes, int]]:
    """The parts of a blanked payload, start codes before them: how they begin, and their size."""
    starts = [start - 3 for start in find_nal_units(payload)]
    starts = [start - (payload[start - 1 : start] == b"\0") for start in starts]
    bounds = [0, *(start for start in starts if start > 0), len(payload)]
    for start, stop in pairwise(bounds):
        part = payload[start:stop]
        yield part.rstrip(FILLS), len(part)


def find_versions(connections: Iterable[Connection]) -> dict[str, Any]:
    """The device version and the firmware, as far as the camera has told them."""
    found: dict[str, Any] = {}
    for connection in connections:
        for from_camera, data in connection.said:
            entry = find_entry(int.from_bytes(data[:4], "little"), from_camera=from_camera)
            if entry and entry.layout in (LoginReply, VersionsReply):
                told = entry.layout.decode(data.ljust(entry.layout.SIZE, b"\0"))
                found |= {
                    name: value
                    for name, value in (
                        ("device_version", getattr(told, "device_version", 0)),
                        ("firmware", getattr(told, "app", "")),
                    )
                    if value
                }
    return found


def find_device_id(connections: Iterable[Connection]) -> int:
    """The stand-in for the camera's id: that of the first log-in; 0 where there is none."""
    for connection in connections:
        for from_camera, data in connection.said:
            if not from_camera and int.from_bytes(data[:4], "little") == Command.LOGIN:
                return int.from_bytes(data[13:17], "little")
    return 0
