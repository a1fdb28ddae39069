"""Bytes in, the same bytes without a person in them: what redacted captures and fixtures hold.

A blanked message has its size, its number and its layout; a person's values are replaced by others
of the same form, each always by the same. A blanked frame has the sizes and types of its parts.
"""

import datetime as dt
from itertools import pairwise
from typing import Any

from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.explain.description import DAYS, KINDS, PLAIN, TIMES, cut_rows
from v380cli.media.nal import find_nal_units, guess_codec, is_parameter_set, nal_type
from v380cli.media.sink import Codec
from v380cli.redaction import Redactor, cut_to_day
from v380cli.wire.card.files import ENTRY_BYTES, FileEntry, FilePageHeader
from v380cli.wire.card.segments import SegmentBlock, decode_block, encode_block
from v380cli.wire.card.words import CardEntry
from v380cli.wire.commands import AUDIO_TYPES, HEVC_TYPES
from v380cli.wire.layout import Message, list_places
from v380cli.wire.talk import TalkAudio

NUMBER_BYTES = 4
FILL = 0xEE  # of what is not shown; no start code can come of it
NUMBER_BASES = {"id": 10_000_000, "ticket": 0x2000_0000}
OTHER_BASE = 0x3000_0000


def blank_message(layout: type[Message] | None, data: bytes, redactor: Redactor) -> bytes:
    """The message with a person's values replaced; unknown bytes are filled where they may be."""
    result, rest = bytearray(data), bytearray(data)
    named = {*range(NUMBER_BYTES)}
    for name, place in list_places(layout) if layout else ():
        if place.end > len(data) or name == "command":
            continue
        old = data[place.offset : place.end]
        result[place.offset : place.end] = _blank_field(name, place.codec, old, redactor)
        named.update(range(place.offset, place.end))
    if layout is not None:
        named.update(_blank_rows(layout, data, result, redactor))
    for index in named.intersection(range(len(rest))):
        rest[index] = 0
    for span in redactor.find_hidden(bytes(rest)):
        for index in set(range(*span)) - named:
            result[index] = FILL
    return bytes(result)


def _blank_field(name: str, codec: Any, data: bytes, redactor: Redactor) -> bytes:
    try:
        value = codec.unpack(data)
        packed: bytes = codec.pack(_blank_value(name, value, codec.size, redactor))
    except (RemoteProtocolError, LocalProtocolError, ValueError):
        return bytes([FILL]) * len(data)
    return packed


def _blank_value(name: str, value: Any, size: int, redactor: Redactor) -> Any:
    if name in TIMES:
        return 0
    if isinstance(value, dt.datetime):
        return value.replace(hour=0, minute=0, second=0)
    if name in DAYS:
        return f"{cut_to_day(value)} 00:00:00" if cut_to_day(value) else ""
    if name in KINDS:
        return _stand_in(KINDS[name], value, size, redactor)
    if isinstance(value, str):
        return redactor.redact_text(value)[:size]
    if isinstance(value, bytes) and name not in PLAIN:
        return _fill(value)
    return value


def _stand_in(kind: str, value: Any, size: int, redactor: Redactor) -> Any:
    """Another value of the same form; nothing stays nothing."""
    if isinstance(value, bytes):
        return _fill(value)
    if not value:
        return value
    placeholder = redactor.replace(kind, str(value))
    if isinstance(value, str):
        return stand_in_text(placeholder)[:size]
    if size < 4:
        return FILL
    return stand_in_number(placeholder)


def stand_in_number(placeholder: str) -> int:
    """A number for `id-1`: 10000001."""
    word, _, number = placeholder.rpartition("-")
    return NUMBER_BASES.get(word, OTHER_BASE) + int(number or 0)


def stand_in_text(placeholder: str) -> str:
    """A text for `address-1`: 192.0.2.1; other words stand for themselves."""
    word, _, number = placeholder.rpartition("-")
    if not number.isdecimal():
        return placeholder
    if word == "address":
        return f"192.0.{2 + int(number) // 256}.{int(number) % 256}"
    if word == "mac":
        return f"02:00:00:00:{int(number) // 256 % 256:02x}:{int(number) % 256:02x}"
    return placeholder


def _fill(data: bytes) -> bytes:
    used = len(data.rstrip(b"\0"))
    return bytes([FILL]) * used + bytes(len(data) - used)


def _blank_rows(layout: type[Message], data: bytes, result: bytearray, redactor: Redactor) -> range:
    """What some messages hold besides their fields; where that was."""
    if layout is SegmentBlock:
        try:
            entries, is_last = decode_block(data)
        except RemoteProtocolError:
            return range(0)
        block = encode_block([_blank_entry(entry) for entry in entries], is_last=is_last)
        result[:] = block[: len(data)].ljust(len(data), b"\0")
        return range(len(data))
    if layout is FilePageHeader:
        stop = FilePageHeader.SIZE
        for start, row in cut_rows(data):
            stop = start + ENTRY_BYTES
            result[start:stop] = blank_message(FileEntry, row, redactor)
        return range(FilePageHeader.SIZE, stop)
    if layout is TalkAudio:
        result[TalkAudio.SIZE :] = bytes(len(result) - TalkAudio.SIZE)
    return range(0)


def _blank_entry(entry: CardEntry) -> CardEntry:
    start = entry.start.replace(hour=0, minute=0, second=0)
    return CardEntry(
        number=entry.number, kind=entry.kind, start=start, end=start + (entry.end - entry.start)
    )


def blank_payload(frame_type: int, clear: bytes, size: int) -> bytes:
    """A frame's payload of `size` bytes: NAL types and parameter sets, no picture, no sound.

    `clear` is empty where nobody could decrypt it.
    """
    if frame_type in AUDIO_TYPES:
        return bytes(size)
    result = bytearray([FILL]) * size
    starts = list(find_nal_units(clear))
    for start, stop in pairwise([*starts, len(clear) + 3]):
        head = clear[start : start + 2]
        usual = Codec.HEVC if frame_type in HEVC_TYPES else Codec.H264
        codec = (guess_codec(head[0], head[-1]) if len(head) > 1 else None) or usual
        code = 4 if clear[start - 4 : start - 3] == b"\0" and start > 3 else 3
        kept = 1 if codec is Codec.H264 else 2
        if is_parameter_set(codec, nal_type(codec, head[0])):
            kept = stop - 3 - start
        result[start - code : start + kept] = clear[start - code : start + kept]
    return bytes(result[:size])
