"""What a picture costs between the link and the file, in calls, which no busy machine changes."""

import datetime as dt
import sys
from pathlib import Path
from types import FrameType as PythonFrame

import pytest

from tests.media_samples import FPS, make_video
from v380cli.camera.gathered_link import PROMPT_BYTES
from v380cli.camera.pipeline import MediaPipeline
from v380cli.media.sink import Codec
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.wire.commands import FrameType
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import FRAME_HEADER
from v380cli.wire.session import MediaReceived

MOST_CALLS = 24  # of Python functions, for a picture that is no keyframe


def test_a_usual_picture_goes_into_the_file_in_few_calls(tmp_path: Path) -> None:
    sink = SegmentedSink(
        lambda _: tmp_path / "a.mp4", ContainerFormat.MP4, lambda: dt.datetime.now(dt.UTC)
    )
    pipeline = MediaPipeline(sink, audio=False)
    calls = 0

    def count(_frame: PythonFrame, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    costs: list[int] = []
    for number, unit in enumerate(make_video(Codec.H264).units):
        stamp_ms = number * 1000 // FPS
        frame_type = FrameType.H264_KEY if unit.is_keyframe else FrameType.H264_DELTA
        media = MediaReceived(frame_type, number, FPS, stamp_ms, unit.data, "video")
        calls = 0
        sys.setprofile(count)
        try:
            assert pipeline.feed(media, stamp_ms / 1000)
        finally:
            sys.setprofile(None)
        costs += [] if unit.is_keyframe else [calls]
    pipeline.close()
    assert sorted(costs)[len(costs) // 2] <= MOST_CALLS, costs


@pytest.mark.parametrize(
    ("frame_type", "block_bytes"), [(FrameType.IMA_ADPCM, 256), (FrameType.G711_ALAW, 320)]
)
def test_sound_alone_wakes_nobody_who_looks_on(frame_type: FrameType, block_bytes: int) -> None:
    frame = FRAME_HEADER.pack(1, frame_type, FPS, 66) + bytes(block_bytes)
    assert len(encode_fragments(frame, frame_type, 500)) < PROMPT_BYTES
