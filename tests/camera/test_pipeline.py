"""What goes from a camera's frames into files, whatever the camera changes on the way."""

import logging
from dataclasses import dataclass, field

import pytest

from tests.media.test_access_unit import (
    H264_IDR,
    H264_P,
    H264_PPS,
    H264_SPS,
    HEVC_IDR,
    HEVC_P,
    HEVC_PPS,
    HEVC_SPS,
    HEVC_VPS,
    annex_b,
)
from tests.media.test_audio import make_adts
from v380cli.camera.pipeline import MPEG4_PATIENCE, MediaPipeline
from v380cli.camera.sound_track import CHANGE_FRAMES
from v380cli.errors import DamagedMedia, UnsupportedFirmware
from v380cli.media.jpeg import START_OF_IMAGE
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.wire.commands import AUDIO_TYPES, LIVE_VIDEO_TYPES, FrameType
from v380cli.wire.session import MediaReceived, StreamOpened

KEYFRAME = annex_b(H264_SPS, H264_PPS, H264_IDR)
DELTA = annex_b(H264_P)
HEVC_KEYFRAME = annex_b(HEVC_VPS, HEVC_SPS, HEVC_PPS, HEVC_IDR)
PCM, ALAW = FrameType.PCM16, FrameType.G711_ALAW
AAC = FrameType.AAC_ADTS
AAC_8K = make_adts(b"\x01\x18\x20\x07")
AAC_16K = AAC_8K[:2] + b"\x60" + AAC_8K[3:]


@dataclass
class OpenedFile:
    formats: Formats
    packets: list[Packet] = field(default_factory=list)

    def list_data(self, track: Track) -> list[bytes]:
        return [packet.data for packet in self.packets if packet.track is track]


class Files:
    """A sink that keeps what each of its files got."""

    def __init__(self) -> None:
        self.opened: list[OpenedFile] = []
        self.is_damaged = False

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        if self.is_damaged:
            raise DamagedMedia("a parameter set is damaged")
        self.opened.append(OpenedFile(formats))

    def write(self, packet: Packet) -> None:
        self.opened[-1].packets.append(packet)

    def close(self) -> None:
        pass


class Feeder:
    """A camera's clock: a frame each 40 ms."""

    def __init__(self, *, audio: bool = True, pipeline: MediaPipeline | None = None) -> None:
        self.files = Files()
        self.pipeline = pipeline or MediaPipeline(self.files, audio=audio)
        self._count = 0

    def feed(self, frame_type: int, payload: bytes) -> bool:
        self._count += 1
        is_video, is_audio = frame_type in LIVE_VIDEO_TYPES, frame_type in AUDIO_TYPES
        return self.pipeline.feed(
            MediaReceived(
                frame_type=frame_type,
                frame_id=self._count,
                fps=12,
                timestamp_ms=1_000_000 + 40 * self._count,
                payload=payload,
                kind="video" if is_video else "audio" if is_audio else "unknown",
            ),
            self._count / 25,
        )

    def feed_gop(self, sound_type: int, sound: bytes, pictures: int = 6) -> None:
        for number in range(pictures):
            self.feed(FrameType.H264_DELTA if number else 0, DELTA if number else KEYFRAME)
            self.feed(sound_type, sound)

    def finish(self) -> list[OpenedFile]:
        self.pipeline.close()
        return self.files.opened


CHANGES = {
    "AAC after PCM": ((PCM, b"\1\2" * 320), (AAC, AAC_8K)),
    "A-law after AAC": ((AAC, AAC_8K), (ALAW, b"\x55" * 320)),
    "another rate of AAC": ((AAC, AAC_8K), (AAC, AAC_16K)),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES.keys())
def test_another_sound_begins_a_file_at_the_next_keyframe(
    before: tuple[int, bytes], after: tuple[int, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    feeder = Feeder()
    feeder.feed_gop(*before)
    for _ in range(6):  # in the middle of the GOP
        feeder.feed(FrameType.H264_DELTA, DELTA)
        feeder.feed(*after)
    feeder.feed_gop(*after)
    first, second = feeder.finish()
    for file in (first, second):
        assert file.formats.audio
        sounds = set(file.list_data(Track.AUDIO))
        assert len(sounds) == 1  # nothing foreign
    assert first.formats.audio != second.formats.audio
    assert len(first.list_data(Track.VIDEO)) == 12
    assert feeder.pipeline.unusable_audio == 6
    assert feeder.pipeline.unusable_frames == 0
    assert len([r for r in caplog.records if r.levelno == logging.WARNING]) == 1


def test_a_sound_header_that_is_damaged_once_begins_nothing() -> None:
    feeder = Feeder()
    for _ in range(3):
        feeder.feed_gop(AAC, AAC_8K)
        for _ in range(CHANGE_FRAMES - 1):
            feeder.feed(AAC, AAC_16K)
    (file,) = feeder.finish()
    assert set(file.list_data(Track.AUDIO)) == {AAC_8K[7:]}
    assert feeder.pipeline.unusable_audio == 3 * (CHANGE_FRAMES - 1)


def test_sound_of_an_unknown_kind_is_told_once_and_the_picture_recorded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    feeder = Feeder()
    feeder.feed_gop(27, b"?" * 100, pictures=40)
    (file,) = feeder.finish()
    assert len(file.list_data(Track.VIDEO)) == 40
    (record,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "27" in record.getMessage()
    assert feeder.pipeline.unusable_audio == 40
    assert feeder.pipeline.unusable_frames == 0


def test_pictures_and_sound_that_are_unusable_are_counted_apart() -> None:
    feeder = Feeder()
    feeder.feed_gop(AAC, AAC_8K)
    feeder.feed(AAC, b"garbage")
    feeder.feed(FrameType.H264_DELTA, b"garbage")
    feeder.feed(FrameType.H264_DELTA, b"garbage")
    assert (feeder.pipeline.unusable_frames, feeder.pipeline.unusable_audio) == (2, 1)


def test_sound_that_has_no_pictures_counts() -> None:
    """A parameter set is damaged in the middle: until the next keyframe nothing can be recorded."""
    feeder = Feeder()
    feeder.feed_gop(PCM, b"\1\2" * 320)
    feeder.files.is_damaged = True
    feeder.feed_gop(AAC, AAC_8K)  # in the first file, which it does not fit
    feeder.feed_gop(AAC, AAC_8K)  # in the second one, which cannot be opened
    feeder.files.is_damaged = False
    feeder.feed_gop(AAC, AAC_8K)
    first, second = feeder.finish()
    assert [len(file.list_data(Track.AUDIO)) for file in (first, second)] == [6, 6]
    assert feeder.pipeline.unusable_audio == 12


def test_a_warning_names_the_camera_and_the_lens(caplog: pytest.LogCaptureFixture) -> None:
    files, lens = Files(), Files()
    pipeline = MediaPipeline(files, audio=False, open_lens=lambda _: lens, label="porch")
    feeder = Feeder(pipeline=pipeline)
    feeder.feed_gop(PCM, b"")
    lens.is_damaged = True
    feeder.feed(FrameType.H264_KEY_TIMED, KEYFRAME)
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("porch, lens 2: nothing is recorded until") for line in lines)


def test_pictures_thrown_away_after_a_change_of_the_codec_count() -> None:
    feeder = Feeder(audio=False)
    feeder.feed(FrameType.H264_DELTA, DELTA)  # before the first keyframe: nobody's loss
    feeder.feed(FrameType.H264_KEY, KEYFRAME)
    feeder.feed(FrameType.HEVC_KEY, annex_b(HEVC_VPS, HEVC_SPS, HEVC_IDR))  # the PPS got lost
    for _ in range(4):
        feeder.feed(FrameType.HEVC_DELTA, annex_b(HEVC_P))
    feeder.feed(FrameType.HEVC_KEY, HEVC_KEYFRAME)
    assert feeder.pipeline.unusable_frames == 5
    feeder.pipeline.lose_link()
    feeder.feed(FrameType.HEVC_DELTA, annex_b(HEVC_P))
    assert feeder.pipeline.unusable_frames == 5


def test_the_rate_of_the_sound_is_what_the_camera_says() -> None:
    feeder = Feeder()
    feeder.pipeline.expect(
        StreamOpened(0, 0, 3, 0, audio_rate_hz=16000, audio_bits=16, audio_channels=1)
    )
    feeder.feed_gop(PCM, bytes(640))
    (file,) = feeder.finish()
    assert file.formats.audio == AudioFormat(Codec.PCM, 16000)


EMPTY = b"\0\0\0\1"
WITH_EMPTY_UNITS = {
    "before": (EMPTY + DELTA, DELTA),
    "behind": (DELTA + EMPTY, DELTA),
    "behind, with zeros": (DELTA + EMPTY + b"\0\0\0", DELTA),
    "short ones": (b"\0\0\1" * 3 + DELTA, DELTA),
}


@pytest.mark.parametrize(
    ("payload", "written"), WITH_EMPTY_UNITS.values(), ids=WITH_EMPTY_UNITS.keys()
)
def test_empty_nal_units_are_left_out(payload: bytes, written: bytes) -> None:
    feeder = Feeder(audio=False)
    feeder.feed(FrameType.H264_KEY, KEYFRAME)
    assert feeder.feed(FrameType.H264_DELTA, payload)
    assert feeder.finish()[0].list_data(Track.VIDEO) == [KEYFRAME, written]


@pytest.mark.parametrize("payload", [EMPTY, EMPTY * 5, EMPTY + b"\0" * 9, b"\0\0\1"])
def test_a_frame_of_nothing_but_empty_nal_units_is_unusable(payload: bytes) -> None:
    feeder = Feeder(audio=False)
    feeder.feed(FrameType.H264_KEY, KEYFRAME)
    assert not feeder.feed(FrameType.H264_DELTA, payload)
    assert feeder.pipeline.unusable_frames == 1


def make_jpeg(width: int) -> bytes:
    header = b"\xff\xc0" + (17).to_bytes(2) + b"\x08" + (180).to_bytes(2) + width.to_bytes(2)
    tables = b"\xff\xdb" + (5).to_bytes(2) + b"\0\1\2"
    return START_OF_IMAGE + tables + header + bytes(10) + b"\xff\xda\0\2data\xff\xd9"


def test_each_jpeg_is_a_keyframe_and_another_size_another_file() -> None:
    feeder = Feeder(audio=False)
    for width in (320, 320, 640):
        assert feeder.feed(FrameType.JPEG, make_jpeg(width))
    assert not feeder.feed(FrameType.JPEG, make_jpeg(640)[:12])
    first, second = feeder.finish()
    assert first.formats.video.codec is Codec.MJPEG
    assert first.list_data(Track.VIDEO) == [make_jpeg(320)] * 2
    assert second.list_data(Track.VIDEO) == [make_jpeg(640)]
    assert all(packet.is_keyframe for packet in first.packets)
    assert feeder.pipeline.unusable_frames == 1


def test_a_lens_that_has_no_place_is_told_once_and_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    feeder = Feeder(audio=False)
    for _ in range(3):
        assert feeder.feed(FrameType.H264_KEY, KEYFRAME)
        assert not feeder.feed(FrameType.HEVC_KEY_TIMED, HEVC_KEYFRAME)
        assert feeder.feed(FrameType.H264_DELTA, DELTA)
        assert not feeder.feed(FrameType.HEVC_DELTA_TIMED, annex_b(HEVC_P))
    (file,) = feeder.finish()
    assert file.list_data(Track.VIDEO) == [KEYFRAME, DELTA] * 3
    assert len(caplog.records) == 1
    assert feeder.pipeline.unusable_frames == 0


def test_two_lenses_that_take_turns_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    other = annex_b(b"\x67\x64\x00\x28\xac", H264_PPS, H264_IDR)
    feeder = Feeder(audio=False)
    for _ in range(4):
        feeder.feed(FrameType.H264_KEY, KEYFRAME)
        feeder.feed(FrameType.H264_KEY, other)
    (record,) = caplog.records
    assert "takes turns" in record.getMessage()


def test_sizes_that_change_from_link_to_link_are_no_lenses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = annex_b(b"\x67\x64\x00\x28\xac", H264_PPS, H264_IDR)
    feeder = Feeder(audio=False)
    for _ in range(4):
        feeder.feed(FrameType.H264_KEY, KEYFRAME)
        feeder.feed(FrameType.H264_KEY, other)
        feeder.pipeline.lose_link()
    assert len(feeder.finish()) == 8
    assert not caplog.records


def test_types_that_only_together_make_a_stream_are_of_one_lens() -> None:
    feeder = Feeder(audio=False)
    for _ in range(3):
        assert feeder.feed(FrameType.H264_KEY_TIMED, KEYFRAME)
        assert feeder.feed(FrameType.H264_DELTA, DELTA)
    assert len(feeder.finish()) == 1


def test_mpeg4_is_refused_by_name() -> None:
    feeder = Feeder(audio=False)
    with pytest.raises(UnsupportedFirmware, match=r"MPEG-4.*36"):
        for _ in range(MPEG4_PATIENCE):
            feeder.feed(FrameType.MPEG4_KEY, b"\0\0\1\xb6" + bytes(100))
