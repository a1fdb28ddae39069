"""The containers that recordings can have."""

from enum import StrEnum


class ContainerFormat(StrEnum):
    """Named like the file endings."""

    MP4 = "mp4"
    MKV = "mkv"
    TS = "ts"
