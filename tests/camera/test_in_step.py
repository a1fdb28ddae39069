"""Sound and picture stay in step through the whole pipeline, over an hour of mishaps."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import NamedTuple

from v380cli.camera.pipeline import MediaPipeline
from v380cli.media.sink import Formats, Packet, Track
from v380cli.wire.commands import FrameType
from v380cli.wire.session import MediaReceived

HOUR_S = 3600.0
FPS, GOP = 15, 30
BLOCK_SAMPLES = 320
SAMPLE_RATE = 8000 * (1 + 80e-6)  # what the camera's crystal makes of it: 0.29 s an hour
EPOCH_MS = 1_790_000_000_000
LIMIT_MS = 40
START_CODE = b"\0\0\0\1"
KEYFRAME = START_CODE.join([b"", b"\x67\x42\0\x1e", b"\x68\xce\x38\x80", b"\x65"])
DELTA = START_CODE + b"\x41"
# When the camera sets its clock, in seconds, and by how many milliseconds.
JUMPS = (
    (300.0, 3_600_000),
    (900.3, -3_600_000),
    (1500.0, 2_600),
    (2400.7, -800),
    (3000.0, -(10**9)),
)
LINK_LOST_S = ((600.0, 7.5), (2000.0, 45.0))  # when, and for how long


class Captured(NamedTuple):
    """A frame and the moment at which the camera captured it."""

    true_s: float
    media: MediaReceived
    arrival_s: float


@dataclass
class Recorded:
    """A sink that keeps who was written when: the frames carry their numbers."""

    pts_ms: dict[Track, dict[int, int]] = field(
        default_factory=lambda: {track: {} for track in Track}
    )
    opened: int = 0

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        self.opened += 1
        assert formats.audio

    def write(self, packet: Packet) -> None:
        number = packet.data[-8:] if packet.track is Track.VIDEO else packet.data[:8]
        self.pts_ms[packet.track][int(number)] = packet.pts_ms

    def close(self) -> None:
        pass


def read_camera_clock(true_s: float) -> int:
    jumped_ms = sum(by_ms for at_s, by_ms in JUMPS if true_s >= at_s)
    return EPOCH_MS + int(true_s * 1000) + jumped_ms


def capture_video(number: int) -> tuple[float, int, bytes]:
    head = DELTA if number % GOP else KEYFRAME
    kind = FrameType.H264_DELTA if number % GOP else FrameType.H264_KEY
    return number / FPS, kind, head + b"%08d" % number


def capture_audio(number: int) -> tuple[float, int, bytes]:
    payload = (b"%08d" % number).ljust(2 * BLOCK_SAMPLES, b"\0")
    return number * BLOCK_SAMPLES / SAMPLE_RATE, FrameType.PCM16, payload


def capture_hour() -> Iterator[Captured]:
    """Both tracks as they arrive: late by up to 150 ms, in the order in which each was captured."""
    chance = random.Random(2)
    arrival_s = 0.0
    tracks = (map(capture, count()) for capture in (capture_video, capture_audio))
    captured = heapq.merge(*tracks, key=lambda frame: frame[0])
    for frame_id, (true_s, frame_type, payload) in enumerate(captured, 1):
        if true_s >= HOUR_S:
            return
        arrival_s = max(arrival_s, true_s + chance.uniform(0, 0.15))
        media = MediaReceived(
            frame_type=frame_type,
            frame_id=frame_id,
            fps=FPS,
            timestamp_ms=read_camera_clock(true_s),
            payload=payload,
            kind="audio" if frame_type == FrameType.PCM16 else "video",
        )
        yield Captured(true_s, media, arrival_s)


def find_loss(true_s: float) -> float | None:
    """Which loss of the link swallows a frame of that moment."""
    return next((at for at, length in LINK_LOST_S if at <= true_s < at + length), None)


def test_sound_and_picture_are_in_step_over_an_hour() -> None:
    sink = Recorded()
    pipeline = MediaPipeline(sink, audio=True)
    losses = set()
    for frame in capture_hour():
        loss = find_loss(frame.true_s)
        if loss is None:
            pipeline.feed(frame.media, frame.arrival_s)
        elif loss not in losses:
            losses.add(loss)
            pipeline.lose_link()
    pipeline.close()

    assert (sink.opened, len(losses)) == (1, 2)
    video, audio = sink.pts_ms[Track.VIDEO], sink.pts_ms[Track.AUDIO]
    assert len(video) >= HOUR_S * FPS - 60 * FPS
    for pts_ms in (video, audio):
        assert all(before < after for before, after in pairwise(pts_ms.values()))
    worst_ms = max(
        abs(measure_lag(number, video) - measure_lag_of_sound_beside(number, audio))
        for number in video
    )
    assert worst_ms <= LIMIT_MS
    length_ms = max(video.values()) - min(video.values())
    assert abs(length_ms - HOUR_S * 1000) < 1000


def measure_lag(number: int, video: dict[int, int]) -> float:
    """By how much a picture is shown later than it was captured, up to a constant."""
    return video[number] - number / FPS * 1000


def measure_lag_of_sound_beside(number: int, audio: dict[int, int]) -> float:
    """The same of the sound that was captured at that moment."""
    block = int(number / FPS * SAMPLE_RATE / BLOCK_SAMPLES)
    while block not in audio:  # a keyframe opens the gate in the middle of a block
        block += 1
    return audio[block] - block * BLOCK_SAMPLES / SAMPLE_RATE * 1000
