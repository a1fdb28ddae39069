"""What `v380 stream -o` writes."""

from enum import StrEnum


class StreamFormat(StrEnum):
    """What comes out of a pipe."""

    TS = "ts"
    MKV = "mkv"
    ANNEXB = "annexb"


ENDINGS = {
    ".ts": StreamFormat.TS,
    ".mkv": StreamFormat.MKV,
    **dict.fromkeys((".h264", ".264", ".h265", ".265", ".hevc"), StreamFormat.ANNEXB),
}
