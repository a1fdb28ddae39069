"""Nothing passes before a picture at which decoding can begin."""

from dataclasses import dataclass

from v380cli.media.access_unit import AccessUnit
from v380cli.media.nal import (
    PARAMETER_SET_TYPES,
    START_CODE,
    find_nal_units,
    nal_type,
    split_nal_units,
)
from v380cli.media.sequence import is_same_sequence
from v380cli.media.sink import Codec, VideoFormat

# Parameter sets and SEI that came without a picture are under 1 KB; a camera that sends more of
# them without ever a picture is not buffered for.
MAX_HELD_BYTES = 64 * 1024


@dataclass(slots=True)  # not frozen, like AccessUnit
class GatedUnit:
    """A picture that may be written.

    `new_format` is set on the first picture and on every keyframe that cannot be in one file with
    those before: a file must begin there. Every keyframe carries its parameter sets, so that any
    of them can be the first of a file.
    """

    data: bytes
    is_keyframe: bool
    new_format: VideoFormat | None = None


class KeyframeGate:
    """Lets a stream through from its first keyframe with parameter sets on.

    Parameter sets are remembered over the whole stream and put before a keyframe that lacks them.
    A frame without a picture is held and put before the next picture, so no NAL unit is lost
    and no sample of a file is empty. Audio has to wait while `is_open` is false.
    """

    def __init__(self) -> None:
        self.is_open = False
        self.format: VideoFormat | None = None
        self._codec: Codec | None = None  # of the remembered sets and of what is held
        self._sets: dict[int, bytes] = {}  # by NAL type, the latest, Annex B
        self._held = b""
        self._held_sets = b""

    def close_gate(self) -> None:
        """Wait for a keyframe again (after a reconnect or a lost frame); the format is kept."""
        self.is_open = False
        self._forget_stream(None)

    def admit(self, unit: AccessUnit) -> GatedUnit | None:
        """Pass a picture, or return None: it is dropped, or held if it has no picture."""
        if unit.codec is not self._codec:
            if not (unit.is_keyframe or unit.parameter_sets):
                return None  # one stray frame does not end the stream
            self._forget_stream(unit.codec)
        is_plain = unit.has_picture and not (unit.is_keyframe or unit.parameter_sets or self._held)
        if is_plain:  # nearly every one
            return GatedUnit(unit.data, False) if self.is_open else None
        if unit.codec is Codec.MJPEG:
            self.is_open = True
            jpeg = VideoFormat(unit.codec, unit.parameter_sets)
            return GatedUnit(unit.data, True, self._update_format(jpeg))
        if unit.parameter_sets:
            self._sets.update(_group_by_type(unit.codec, unit.parameter_sets))
        if not unit.has_picture:
            self._hold(unit)
            return None
        data, sets = self._held + unit.data, self._held_sets + unit.parameter_sets
        self._held = self._held_sets = b""
        if unit.is_keyframe:
            return self._admit_keyframe(unit.codec, data, sets)
        return GatedUnit(data, False) if self.is_open else None

    def _admit_keyframe(self, codec: Codec, data: bytes, sets_found: bytes) -> GatedUnit | None:
        needed = PARAMETER_SET_TYPES[codec]
        if not needed <= self._sets.keys():
            return None
        sets = b"".join(self._sets[kind] for kind in sorted(needed))
        if not needed <= _group_by_type(codec, sets_found).keys():
            data = sets + START_CODE + data[next(find_nal_units(data)) :]  # no junk behind a set
        self.is_open = True
        return GatedUnit(data, True, self._update_format(VideoFormat(codec, sets)))

    def _update_format(self, new: VideoFormat) -> VideoFormat | None:
        old, self.format = self.format, new
        return None if old is not None and is_same_sequence(old, new) else new

    def _hold(self, unit: AccessUnit) -> None:
        self._held += unit.data
        self._held_sets += unit.parameter_sets
        if len(self._held) > MAX_HELD_BYTES:
            self._held = self._held_sets = b""

    def _forget_stream(self, codec: Codec | None) -> None:
        self._codec = codec
        self._held = self._held_sets = b""
        self._sets.clear()
        self.is_open = False


def _group_by_type(codec: Codec, parameter_sets: bytes) -> dict[int, bytes]:
    groups: dict[int, bytes] = {}
    for nal in split_nal_units(parameter_sets):
        kind = nal_type(codec, nal[0])
        groups[kind] = groups.get(kind, b"") + START_CODE + nal
    return groups
