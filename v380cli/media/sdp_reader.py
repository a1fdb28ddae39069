"""What an RTSP server says of its streams, read (SDP, RFC 8866; RFC 6184, 7798, 3640 and 3551).

Real cameras leave lines out and write nonsense into others: what is not needed is not judged.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from enum import StrEnum

from v380cli.media.nal import START_CODE

MAX_TRACKS = 8
MAX_CLOCK_HZ = 1_000_000
MAX_CHANNELS = 2
MAX_CONFIG_BYTES = 64

_SECTION = re.compile(r"^m=", re.MULTILINE)
_RTPMAP = re.compile(r"([0-9]{1,3})\s+([\w.+-]+)/([0-9]{1,7})(?:/([0-9]{1,2}))?")
_FRAMERATE = re.compile(r"([0-9]{1,3})(?:\.[0-9]*)?")


class Encoding(StrEnum):
    """What a track may be, by its name in `a=rtpmap`."""

    H264 = "H264"
    HEVC = "H265"
    AAC = "MPEG4-GENERIC"
    ALAW = "PCMA"
    ULAW = "PCMU"
    PCM16 = "L16"


VIDEO = (Encoding.H264, Encoding.HEVC)
# RFC 3551, table 4: numbers that need no rtpmap.
_STATIC = {
    0: (Encoding.ULAW, 8000, 1),
    8: (Encoding.ALAW, 8000, 1),
    10: (Encoding.PCM16, 44100, 2),
    11: (Encoding.PCM16, 44100, 1),
}
_SETS = {
    Encoding.H264: ("sprop-parameter-sets",),
    Encoding.HEVC: ("sprop-vps", "sprop-sps", "sprop-pps"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackDescription:
    """One track that we can take; `control` is its address, or what to put behind the stream's.

    `parameter_sets` are Annex B, empty where none were told; `parameters` are those of `a=fmtp`
    with their names in lower case. `fps` is 0 where it is not told.
    """

    encoding: Encoding
    payload_type: int
    clock_hz: int
    channels: int = 1
    control: str = ""
    fps: int = 0
    parameter_sets: bytes = b""
    config: bytes = b""
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def is_video(self) -> bool:
        return self.encoding in VIDEO


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """The tracks that we can take, in order, and the names of those that we cannot."""

    tracks: tuple[TrackDescription, ...]
    foreign: tuple[str, ...]


def parse_sdp(text: str) -> SessionDescription:
    """Read a description; one without a track that we know has no tracks."""
    tracks: list[TrackDescription] = []
    foreign: list[str] = []
    for section in _SECTION.split(text)[1 : MAX_TRACKS + 1]:
        words = section.partition("\n")[0].split()
        if len(words) < 4:
            continue
        kind, number = words[0], words[3]
        if kind not in ("video", "audio"):
            continue
        track = _parse_track(number, _list_attributes(section))
        if isinstance(track, TrackDescription):
            tracks.append(track)
        else:
            foreign.append(f"{kind} {track}")
    return SessionDescription(tuple(tracks), tuple(foreign))


def _list_attributes(section: str) -> dict[str, str]:
    """`a=name:value` lines; the first of each name counts, as there is one payload type."""
    attributes: dict[str, str] = {}
    for line in section.splitlines()[1:]:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            attributes.setdefault(name.strip().lower(), value.strip())
    return attributes


def _parse_track(number: str, attributes: dict[str, str]) -> TrackDescription | str:
    """The track, or the name of an encoding that we do not take."""
    match = _RTPMAP.match(attributes.get("rtpmap", ""))
    payload_type = int(number) if number.isdecimal() and len(number) < 4 else -1
    if match:
        name, clock_hz, channels = match[2].upper(), int(match[3]), int(match[4] or 1)
    elif payload_type in _STATIC:
        name, clock_hz, channels = _STATIC[payload_type]
    else:
        return number
    is_sane = 0 < clock_hz <= MAX_CLOCK_HZ and 1 <= channels <= MAX_CHANNELS
    if name not in list(Encoding) or not is_sane:
        return name
    encoding = Encoding(name)
    parameters = _parse_parameters(attributes.get("fmtp", ""))
    framerate = _FRAMERATE.match(attributes.get("framerate", ""))
    return TrackDescription(
        encoding=encoding,
        payload_type=payload_type,
        clock_hz=clock_hz,
        channels=channels,
        control=attributes.get("control", ""),
        fps=int(framerate[1]) if framerate else 0,
        parameter_sets=_decode_sets(encoding, parameters),
        config=_decode_config(parameters.get("config", "")),
        parameters=parameters,
    )


def _parse_parameters(fmtp: str) -> dict[str, str]:
    parameters = {}
    for part in fmtp.partition(" ")[2].split(";"):
        name, _, value = part.strip().partition("=")
        parameters[name.strip().lower()] = value.strip()
    return parameters


def _decode_sets(encoding: Encoding, parameters: dict[str, str]) -> bytes:
    texts = [parameters.get(name, "") for name in _SETS.get(encoding, ())]
    sets = b""
    for text in ",".join(filter(None, texts)).split(","):
        try:
            nal = base64.b64decode(text + "=" * (-len(text) % 4)).rstrip(b"\0")
        except (binascii.Error, ValueError):
            continue
        sets += START_CODE + nal if nal else b""
    return sets


def _decode_config(text: str) -> bytes:
    try:
        return bytes.fromhex(text)[:MAX_CONFIG_BYTES]
    except ValueError:
        return b""
