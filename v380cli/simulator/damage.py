"""What the faults do to the bytes of one media frame on its way out."""

from collections.abc import Callable, Sequence
from random import Random

from v380cli.media.nal import find_nal_units
from v380cli.wire.commands import Command, RecordMagic

Damage = Callable[[Sequence[bytes], int, Random], bytes]  # fragments, value, chance -> wire bytes

HEADER_BYTES = 12
SPS_HEAD_BYTES = 4  # NAL header, profile, constraints, level; then its number
UNKNOWN_MAGIC = 0x33  # seen nowhere
NOTICE = Command.STREAM_NOTICE.to_bytes(4, "little").ljust(32, b"\0")
IGNORED_PAYLOAD = bytes(range(16))
OVERSIZE_LENGTH = 20000  # the longest fragment that any client accepts (PROTOCOL.md, section 11)


def split_fragments(wire: bytes) -> list[bytes]:
    """Cut `encode_fragments` output into its records of header and data."""
    fragments, start = [], 0
    while start < len(wire):
        end = start + HEADER_BYTES + int.from_bytes(wire[start + 7 : start + 9], "little")
        fragments.append(wire[start:end])
        start = end
    return fragments


def damage_parameters(keyframe: bytes) -> bytes:
    """The keyframe with a first parameter set that has an impossible number."""
    first, second, *_ = find_nal_units(keyframe)
    end = keyframe.rindex(b"\0\0\1", first, second)
    start = first + SPS_HEAD_BYTES
    return keyframe[:start] + b"\1" * (end - start) + keyframe[end:]


def _encode_record(magic: int, data: bytes = b"") -> bytes:
    """A record laid out as a fragment is: index 0 of 1."""
    length = len(data).to_bytes(2, "little")
    return bytes([magic, 0, 0, 1, 0, 0, 0]) + length + bytes(3) + data


def _put_before(record: bytes) -> Damage:
    return lambda fragments, _value, _chance: record + b"".join(fragments)


def _repeat(fragments: Sequence[bytes], _value: int, _chance: Random) -> bytes:
    return b"".join(fragments) * 2


def _leave_out(_fragments: Sequence[bytes], _value: int, _chance: Random) -> bytes:
    return b""


def _leave_fragment_out(fragments: Sequence[bytes], _value: int, _chance: Random) -> bytes:
    middle = len(fragments) // 2
    return b"".join([*fragments[:middle], *fragments[middle + 1 :]])


def _break_magic(fragments: Sequence[bytes], _value: int, _chance: Random) -> bytes:
    return b"\x80" + b"".join(fragments)[1:]


def _put_half_header_before(fragments: Sequence[bytes], _value: int, _chance: Random) -> bytes:
    return fragments[0][: HEADER_BYTES // 2] + b"".join(fragments)


def _put_garbage_before(fragments: Sequence[bytes], value: int, chance: Random) -> bytes:
    return chance.randbytes(value) + b"".join(fragments)


def _put_garbage_inside(fragments: Sequence[bytes], value: int, chance: Random) -> bytes:
    middle = len(fragments) // 2
    record = fragments[middle]
    cut = (HEADER_BYTES + len(record)) // 2
    broken = record[:cut] + chance.randbytes(value) + record[cut:]
    return b"".join([*fragments[:middle], broken, *fragments[middle + 1 :]])


def _put_oversize_before(fragments: Sequence[bytes], _value: int, _chance: Random) -> bytes:
    claim = bytearray(_encode_record(RecordMagic.FRAGMENT, bytes(OVERSIZE_LENGTH)))
    claim[1:3] = fragments[0][1:3]
    claim[3:5] = b"\xff\xff"
    return bytes(claim) + b"".join(fragments)


DAMAGES: dict[str, Damage] = {
    "start-on-p-frame": _leave_out,
    "missing-frame": _leave_out,
    "missing-fragment": _leave_fragment_out,
    "wrong-magic": _break_magic,
    "half-header": _put_half_header_before,
    "garbage": _put_garbage_before,
    "garbage-inside": _put_garbage_inside,
    "oversize-frame": _put_oversize_before,
    "unknown-record": _put_before(_encode_record(UNKNOWN_MAGIC)),
    "parameters": _put_before(_encode_record(RecordMagic.PARAMETERS)),
    "notice": _put_before(NOTICE),
    "repeated-frame": _repeat,
    "keep-alive": _put_before(_encode_record(RecordMagic.KEEP_ALIVE)),
    "ignored-fragment": _put_before(_encode_record(RecordMagic.IGNORED_FRAGMENT, IGNORED_PAYLOAD)),
}
SPOILING = frozenset(
    {"start-on-p-frame", "missing-frame", "missing-fragment", "wrong-magic", "garbage-inside"}
)
"""After these no receiver can have the frame."""
LASTING = frozenset({"notice", "keep-alive", "ignored-fragment"})
"""These strike every frame from their moment on."""
