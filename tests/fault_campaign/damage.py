"""What happens to the bytes of one media frame on the wire."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from v380cli.wire.commands import RecordMagic
from v380cli.wire.fragment_record import RECORD_HEADER, RECORD_HEADER_BYTES
from v380cli.wire.live import FRAME_HEADER

Records = Sequence[bytes]  # one frame: each with its header and its piece of the frame
Offsets = Sequence[int]

MAX_FLIPS = 6
MAX_CUT_BYTES = 700
PARAMETER_SETS_BYTES = 64  # about where they are, in front of a keyframe
UNKNOWN_MAGICS = (0x00, 0x11, 0x33, 0x7E, 0x80, 0xFE)
UNKNOWN_FRAME_TYPE = 99
NOTICE = (2009).to_bytes(4, "little") + bytes(28)  # a message that cameras send between records


@dataclass(frozen=True)
class Struck:
    """A frame as it leaves; `frame` is what its pieces say then, header first."""

    wire: bytes
    frame: bytes


def strike(name: str, records: Records, chance: Random) -> Struck:
    """Do to a frame what the name says; the same chance does the same."""
    if name in FLIPS:
        return _flip(records, FLIPS[name](records), chance)
    return Struck(CUTS[name](records, chance), _join(records))


def _join(records: Records) -> bytes:
    return b"".join(record[RECORD_HEADER_BYTES:] for record in records)


# -- bits ------------------------------------------------------------------------------------


def _flip(records: Records, offsets: Offsets, chance: Random) -> Struck:
    wire = bytearray(b"".join(records))
    for _ in range(chance.randint(1, MAX_FLIPS)):
        wire[chance.choice(offsets)] ^= 1 << chance.randrange(8)
    damaged, start = [], 0
    for record in records:
        damaged.append(bytes(wire[start : start + len(record)]))
        start += len(record)
    return Struck(bytes(wire), _join(damaged))


def _list_frame_offsets(records: Records) -> list[int]:
    """Where on the wire the bytes of the frame are, its 16-byte header first."""
    offsets: list[int] = []
    start = 0
    for record in records:
        offsets += range(start + RECORD_HEADER_BYTES, start + len(record))
        start += len(record)
    return offsets


def _in_record_headers(records: Records) -> Offsets:
    frame = set(_list_frame_offsets(records))
    return [offset for offset in range(sum(map(len, records))) if offset not in frame]


def _in_frame_header(records: Records) -> Offsets:
    return _list_frame_offsets(records)[: FRAME_HEADER.size]


def _in_payload(records: Records) -> Offsets:
    return _list_frame_offsets(records)[FRAME_HEADER.size :]


def _in_parameter_sets(records: Records) -> Offsets:
    return _in_payload(records)[:PARAMETER_SETS_BYTES]


def _anywhere(records: Records) -> Offsets:
    return range(sum(map(len, records)))


FLIPS: dict[str, Callable[[Records], Offsets]] = {
    "flips-in-record-header": _in_record_headers,
    "flips-in-frame-header": _in_frame_header,
    "flips-in-payload": _in_payload,
    "flips-in-parameter-sets": _in_parameter_sets,
    "flips-anywhere": _anywhere,
}


# -- bytes, fragments, records ---------------------------------------------------------------


def _drop_bytes(records: Records, chance: Random) -> bytes:
    wire = b"".join(records)
    start = chance.randrange(len(wire))
    return wire[:start] + wire[start + chance.randint(1, MAX_CUT_BYTES) :]


def _insert_bytes(records: Records, chance: Random) -> bytes:
    wire = b"".join(records)
    start = chance.randrange(len(wire))
    return wire[:start] + chance.randbytes(chance.randint(1, MAX_CUT_BYTES)) + wire[start:]


def _lose_fragment(records: Records, chance: Random) -> bytes:
    lost = chance.randrange(len(records))
    return b"".join(records[:lost]) + b"".join(records[lost + 1 :])


def _repeat_fragment(records: Records, chance: Random) -> bytes:
    again = chance.randrange(len(records))
    return b"".join(records[: again + 1]) + b"".join(records[again:])


def _swap_fragments(records: Records, chance: Random) -> bytes:
    order = list(records)
    first, second = chance.randrange(len(order)), chance.randrange(len(order))
    order[first], order[second] = order[second], order[first]
    return b"".join(order)


def _lose_frame(_records: Records, _chance: Random) -> bytes:
    return b""


def _make_record(magic: int, data: bytes, kind: int = 0) -> bytes:
    return RECORD_HEADER.pack(magic, kind, 1, 0, len(data)) + data


def _put_unknown_record_before(records: Records, chance: Random) -> bytes:
    data = chance.randbytes(chance.choice((0, 4, 60, 400)))
    return _make_record(chance.choice(UNKNOWN_MAGICS), data) + b"".join(records)


def _put_known_record_before(records: Records, chance: Random) -> bytes:
    magic, data = chance.choice(
        (
            (RecordMagic.KEEP_ALIVE, b""),
            (RecordMagic.PARAMETERS, b""),
            (RecordMagic.IGNORED_FRAGMENT, bytes(range(16))),
        )
    )
    return _make_record(magic, data) + b"".join(records)


def _put_unknown_frame_before(records: Records, chance: Random) -> bytes:
    """A whole frame of a type that nobody knows, outside of the numbering."""
    frame = FRAME_HEADER.pack(0, UNKNOWN_FRAME_TYPE, 0, 0) + chance.randbytes(50)
    return _make_record(RecordMagic.FRAGMENT, frame, UNKNOWN_FRAME_TYPE) + b"".join(records)


def _put_notice_before(records: Records, _chance: Random) -> bytes:
    return NOTICE + b"".join(records)


def _put_notice_inside(records: Records, chance: Random) -> bytes:
    place = chance.randrange(len(records))
    return b"".join(records[:place]) + NOTICE + b"".join(records[place:])


CUTS: dict[str, Callable[[Records, Random], bytes]] = {
    "bytes-dropped": _drop_bytes,
    "bytes-inserted": _insert_bytes,
    "fragment-lost": _lose_fragment,
    "fragment-repeated": _repeat_fragment,
    "fragments-swapped": _swap_fragments,
    "frame-lost": _lose_frame,
    "unknown-record": _put_unknown_record_before,
    "known-record": _put_known_record_before,
    "unknown-frame": _put_unknown_frame_before,
    "notice": _put_notice_before,
    "notice-inside": _put_notice_inside,
}
HARMLESS = frozenset({"unknown-record", "known-record", "unknown-frame", "notice", "notice-inside"})
"""After these a receiver can have all that was sent."""
