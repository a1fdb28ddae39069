"""What a media sink is: three methods, and the words they take."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Codec(StrEnum):
    """FFmpeg's names."""

    H264 = "h264"
    HEVC = "hevc"
    MJPEG = "mjpeg"
    PCM = "pcm_s16le"
    AAC = "aac"


class Track(StrEnum):
    """Which elementary stream a packet belongs to."""

    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """H.264 or H.265 Annex B; `parameter_sets` are SPS+PPS (VPS+SPS+PPS) with start codes.

    Motion JPEG has the frame header in their place, which tells its size.
    """

    codec: Codec
    parameter_sets: bytes


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """PCM s16le, or raw AAC access units with `extradata` = AudioSpecificConfig."""

    codec: Codec
    sample_rate: int
    channels: int = 1
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class Formats:
    """What a file will hold; it does not change while the file is open."""

    video: VideoFormat
    audio: AudioFormat | None = None


@dataclass(slots=True)  # not frozen, like AccessUnit
class Packet:
    """One access unit (video, Annex B or a whole JPEG) or one run of audio.

    `pts_ms` is milliseconds since the recording began, growing strictly per track.
    """

    track: Track
    data: bytes
    pts_ms: int
    is_keyframe: bool = False

    def move(self, by_ms: int) -> "Packet":
        """The same packet at another time, in half the time of `dataclasses.replace`."""
        return Packet(self.track, self.data, self.pts_ms + by_ms, self.is_keyframe)


class Sink(Protocol):
    """Where media goes. A closed sink can be opened again (a segmented one starts its next file).

    All three raise MediaError for what cannot be put there (DamagedMedia: the next keyframe may
    open it again) and StorageError for a full or unwritable disk; `close` leaves what was written
    so far playable and may be called twice.
    """

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Prepare for these formats; `first_keyframe` is the access unit that comes first."""
        ...

    def write(self, packet: Packet) -> None:
        """Take one packet; the first video packet is a keyframe with its parameter sets."""
        ...

    def close(self) -> None:
        """Finish what is open."""
        ...
