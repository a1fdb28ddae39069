"""What a video frame from a camera is: its NAL units decide, not its frame type."""

from dataclasses import dataclass
from functools import lru_cache

from v380cli.media.jpeg import find_frame_header
from v380cli.media.nal import (
    START_CODE,
    cut_nal_unit,
    find_nal_units,
    guess_codec,
    is_parameter_set,
    is_picture,
    is_random_access,
    nal_type,
    split_nal_units,
)
from v380cli.media.sink import Codec

# A keyframe begins with about five NAL units before its picture; more than this is not a camera.
MAX_LEADING_NAL_UNITS = 64
_SHORT_START_CODE = START_CODE[1:]
_EMPTY_NAL_UNIT = _SHORT_START_CODE + b"\0\0"  # no header is followed by a zero and is zero
# A start code of four bytes, and the two by which a NAL unit tells its codec.
_BEGINNING_BYTES = 6


@dataclass(slots=True)  # each frame has one, and a frozen one takes three times as long to make
class AccessUnit:
    """One video frame, Annex B or a JPEG, whose frame header is in `parameter_sets`.

    `parameter_sets` are those found before the picture, each behind a four-byte start code
    however it was spelt, so that equal sets are equal bytes. `has_picture` is false for a frame
    of nothing but parameter sets or SEI, which some firmware sends ahead of the keyframe.
    """

    codec: Codec
    is_keyframe: bool
    parameter_sets: bytes
    data: bytes
    has_picture: bool = True


def classify_access_unit(payload: bytes, hint: Codec | None) -> AccessUnit | None:
    """Look at the NAL units up to the first slice; None if this is not video that we know.

    `hint` is what the frame type says; it counts only where the NAL units fit both codecs, since
    a frame type alone does not prove the codec (PROTOCOL.md, section 11). Who gets None counts a
    dropped frame.
    """
    if hint is Codec.MJPEG:
        return _classify_jpeg(payload)
    usual = _find_usual_codec(payload[:_BEGINNING_BYTES])
    if usual is None:
        return _look_closely(_cut_empty_nal_units(payload), hint)
    if _ends_in_start_code(payload):  # its slices are not searched, which takes a while
        payload = _cut_empty_nal_units(payload)
    return AccessUnit(usual, False, b"", payload)


@lru_cache(maxsize=256)
def _find_usual_codec(beginning: bytes) -> Codec | None:
    """That of a frame that begins like nearly every one: with a slice that follows others."""
    if len(beginning) < _BEGINNING_BYTES or not beginning.startswith(START_CODE):
        return None
    header, second = beginning[len(START_CODE) :]
    codec = guess_codec(header, second)
    if codec is None:
        return None
    kind = nal_type(codec, header)
    return codec if is_picture(codec, kind) and not is_random_access(codec, kind) else None


def _look_closely(payload: bytes, hint: Codec | None) -> AccessUnit | None:
    codec = _detect_codec(payload) or hint
    if codec is None or next(find_nal_units(payload), None) is None:
        return None
    return _scan_access_unit(payload, codec)


def _classify_jpeg(payload: bytes) -> AccessUnit | None:
    header = find_frame_header(payload)
    return AccessUnit(Codec.MJPEG, True, header, payload) if header else None


def _cut_empty_nal_units(payload: bytes) -> bytes:
    """The payload without start codes that start nothing, which MP4 and decoders stumble over."""
    if _EMPTY_NAL_UNIT not in payload and not _ends_in_start_code(payload):
        return payload
    return b"".join(START_CODE + nal for nal in split_nal_units(payload))


def _ends_in_start_code(payload: bytes) -> bool:
    return payload.rstrip(b"\0").endswith(_SHORT_START_CODE)


def _detect_codec(payload: bytes) -> Codec | None:
    for count, start in enumerate(find_nal_units(payload)):
        if count == MAX_LEADING_NAL_UNITS or start + 1 == len(payload):
            break
        codec = guess_codec(payload[start], payload[start + 1])
        if codec is not None:
            return codec
    return None


def _scan_access_unit(payload: bytes, codec: Codec) -> AccessUnit | None:
    parameter_sets: list[bytes] = []
    for count, start in enumerate(find_nal_units(payload)):
        if count == MAX_LEADING_NAL_UNITS:
            return None
        kind = nal_type(codec, payload[start])
        if is_picture(codec, kind):
            is_keyframe = is_random_access(codec, kind)
            return AccessUnit(codec, is_keyframe, b"".join(parameter_sets), payload)
        if is_parameter_set(codec, kind):
            parameter_sets.append(START_CODE + cut_nal_unit(payload, start))
    return AccessUnit(codec, False, b"".join(parameter_sets), payload, has_picture=False)
