"""What an RTSP address means: `rtsp://HOST:PORT/STREAM` and `rtsp://HOST:PORT/STREAM/trackID=N`."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

MAX_TRACKS = 2
_TRACK = re.compile(r"(.*)/trackID=([0-9])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Path:
    """A stream without slashes around it, and one of its tracks or all of them."""

    stream: str
    track: int | None = None


def parse_path(uri: str) -> Path | None:
    """Read an address, whatever host it names; None if there cannot be anything under it."""
    try:
        text = urlsplit(uri).path.rstrip("/")
    except ValueError:
        return None
    match = _TRACK.fullmatch(text)
    stream = unquote(match[1] if match else text, errors="replace").strip("/")
    track = int(match[2]) if match else None
    if not stream or (track is not None and track >= MAX_TRACKS):
        return None
    return Path(stream, track)


def find_base(uri: str) -> str:
    """The address of the stream itself, as it was written."""
    text = uri.partition("?")[0].rstrip("/")
    match = _TRACK.fullmatch(text)
    return match[1] if match else text


def format_track(track: int) -> str:
    """What stands behind the stream's address, and in its SDP."""
    return f"trackID={track}"
