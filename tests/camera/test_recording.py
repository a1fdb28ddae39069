"""What the recorder writes is what the simulated camera sent, whatever the link does."""

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.camera.conftest import AfterWrite
from tests.readback import count_audio_seconds, count_pictures, read_video, split_units
from v380cli.camera import gathered_link
from v380cli.camera import recorder as recorder_room
from v380cli.camera.access import Access
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.errors import (
    CameraBusy,
    CredentialsRefused,
    DeviceIdRefused,
    NetworkError,
    NetworkTimeout,
    PartialFailure,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.media import timeline as timeline_room
from v380cli.media.sink import Codec
from v380cli.models import Device, Quality, RecordedFile, Secret
from v380cli.simulator.camera import VARIANTS, CameraSpec, Pace
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.simulator.tone import AudioKind
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.wire.commands import VIDEO_TYPES

SMALL = CameraSpec(
    device_id=87654321,
    password=Secret("secret1"),
    width=192,
    height=128,
    gop_s=0.4,
    loop_s=1.2,
    bitrate=300_000,
    pace=Pace.FAST,
)
CLEAR_VERSION = 20
TIMEOUT_S = 60.0
DURATION_S = 4.0
# Media come as fast as they are read; the wall clock leaves this long for a link to come back.
LONG_S = 30.0


@contextlib.contextmanager
def simulate(spec: CameraSpec, *faults: str) -> Iterator[SimulatedCamera]:
    spec = replace(spec, faults=tuple(parse_fault(text) for text in faults))
    with Simulator([spec], discovery=None, keep_sent=True) as simulator:
        yield simulator.cameras[0]


def make_device(camera: SimulatedCamera) -> Device:
    spec = camera.spec
    return Device(
        device_id=spec.device_id, host=camera.host, port=camera.port, password=spec.password
    )


def make_sink(folder: Path, container: ContainerFormat = ContainerFormat.MP4) -> SegmentedSink:
    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    return SegmentedSink(lambda _: folder / f"recording.{container}", container, clock)


def record(
    camera: SimulatedCamera,
    folder: Path,
    container: ContainerFormat = ContainerFormat.MP4,
    **options: float | bool | Quality,
) -> tuple[Recording, list[RecordedFile]]:
    sink = make_sink(folder, container)
    chosen = RecordOptions(**{"duration_s": DURATION_S, **options})  # type: ignore[arg-type]
    access = Access(make_device(camera))
    return Recorder(access, sink, chosen, open_lens=sink.open_lens).run(), sink.files


def list_sent(camera: SimulatedCamera) -> list[list[bytes]]:
    """The NAL units of the video of all links, in order."""
    return [
        split_units(camera.spec.codec, frame.payload)
        for frames in camera.sent_access_units
        for frame in frames
        if frame.frame_type in VIDEO_TYPES
    ]


def count_missing(recorded: list[list[bytes]], sent: list[list[bytes]]) -> int:
    """How many units of `sent` lie between the recorded ones; fails for one that was not sent."""
    missing, position = 0, 0
    for unit in recorded:
        found = sent.index(unit, position)
        missing += found - position
        position = found + 1
    return missing


@pytest.mark.parametrize("container", ContainerFormat)
@pytest.mark.parametrize("fragment", [500, 1400, 20000])
@pytest.mark.parametrize("device_version", [31, CLEAR_VERSION], ids=["encrypted", "clear"])
@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_a_recording_is_bit_for_bit_what_was_sent(
    codec: Codec, device_version: int, fragment: int, container: ContainerFormat, tmp_path: Path
) -> None:
    spec = replace(SMALL, codec=codec, device_version=device_version, max_payload=fragment)
    with simulate(spec) as camera:
        recording, files = record(camera, tmp_path, container)
        sent = list_sent(camera)
    recorded = read_video(files[0].path)
    assert recording.error is None
    assert recorded == sent[: len(recorded)]
    assert len(recorded) == files[0].video_packets == pytest.approx(DURATION_S * 15, abs=1)
    assert recording.dropped_frames == 0
    assert recording.encryption == ("64-of-80" if device_version == 31 else "clear")


def test_whole_blocks_are_deciphered(tmp_path: Path) -> None:
    with simulate(replace(SMALL, encrypts_whole_blocks=True)) as camera:
        recording, files = record(camera, tmp_path)
        sent = list_sent(camera)
    recorded = read_video(files[0].path)
    assert recorded == sent[: len(recorded)]
    assert recording.encryption == "whole-blocks"


@pytest.mark.parametrize("container", ContainerFormat)
@pytest.mark.parametrize("audio", AudioKind)
def test_every_kind_of_sound_is_in_the_file(
    audio: AudioKind, container: ContainerFormat, tmp_path: Path
) -> None:
    with simulate(replace(SMALL, audio=audio)) as camera:
        recording, files = record(camera, tmp_path, container)
    assert recording.error is None
    assert count_audio_seconds(files[0].path) == pytest.approx(DURATION_S, abs=0.4)


def test_a_camera_without_sound_is_recorded_without(tmp_path: Path) -> None:
    with simulate(replace(SMALL, audio=None)) as camera:
        recording, files = record(camera, tmp_path)
    assert recording.error is None
    assert files[0].audio_packets == 0
    assert files[0].video_packets == pytest.approx(DURATION_S * 15, abs=1)


def test_sound_is_left_out_when_nobody_wants_it(tmp_path: Path) -> None:
    with simulate(SMALL) as camera:
        _, files = record(camera, tmp_path, audio=False)
        kinds = {frame.frame_type for frame in camera.sent_access_units[0]}
    assert kinds <= VIDEO_TYPES
    assert files[0].audio_packets == 0


def test_the_smaller_stream_is_recorded_on_request(tmp_path: Path) -> None:
    with simulate(SMALL) as camera:
        _, hd = record(camera, tmp_path)
        _, sd = record(camera, tmp_path, quality=Quality.SD)
    assert sd[0].size_bytes < hd[0].size_bytes


@pytest.mark.parametrize(
    "faults",
    [
        ("missing-frame@frame:20",),
        ("missing-fragment@frame:20",),
        ("wrong-magic@frame:21",),
        ("half-header@frame:22",),
        ("garbage:1@frame:23",),
        ("garbage:5000@frame:24",),
        ("garbage-inside:77@frame:25",),
        ("garbage-inside:3000@frame:26",),
        ("missing-fragment@frame:20", "garbage-inside@frame:30", "missing-frame@frame:40"),
    ],
    ids=" ".join,
)
def test_what_a_bad_link_takes_is_whole_frames_and_counted(
    faults: tuple[str, ...], tmp_path: Path
) -> None:
    with simulate(replace(SMALL, audio=None), *faults) as camera:
        recording, files = record(camera, tmp_path)
        footage = camera.sent_access_units
        sent = list_sent(camera)
        ids = [frame.frame_id for frame in footage[0]]
    recorded = read_video(files[0].path)
    assert len(files) == 1
    assert recording.error is None
    missing = count_missing(recorded, sent)
    never_sent = sum(after - before - 1 for before, after in pairwise(ids))
    assert missing + never_sent >= 1
    assert recording.dropped_frames == missing + never_sent


@pytest.mark.parametrize(
    "fault",
    [
        "parameters",
        "notice",
        "repeated-frame@frame:9",
        "keep-alive",
        "unknown-record@frame:9",
        "ignored-fragment",
        "oversize-frame@frame:27",
    ],
)
def test_records_that_are_no_media_are_carried_past(fault: str, tmp_path: Path) -> None:
    with simulate(SMALL, fault) as camera:
        recording, files = record(camera, tmp_path)
        sent = list_sent(camera)
    recorded = read_video(files[0].path)
    assert recorded == sent[: len(recorded)]
    assert recording.dropped_frames == 0


def test_a_recording_begins_with_a_keyframe(tmp_path: Path) -> None:
    with simulate(SMALL, "start-on-p-frame") as camera:
        _, files = record(camera, tmp_path)
        sent = list_sent(camera)
    recorded = read_video(files[0].path)
    start = sent.index(recorded[0])
    assert start > 0
    assert recorded == sent[start : start + len(recorded)]
    assert count_pictures(files[0].path) == len(recorded)


@pytest.mark.parametrize("reason", ["hang-up@1s*1", "reset@1s*1"])
def test_a_lost_link_is_mended_into_the_same_file(reason: str, tmp_path: Path) -> None:
    with simulate(SMALL, reason) as camera:
        recording, files = record(camera, tmp_path, duration_s=LONG_S)
        sent = list_sent(camera)
    recorded = read_video(files[0].path)
    count_missing(recorded, sent)
    assert (recording.error, recording.reconnects, len(files)) == (None, 1, 1)
    assert len(recording.gaps) == 1
    assert recording.gaps[0].duration_s > 0.4
    assert recording.gaps[0].reason
    assert files[0].duration_s >= LONG_S - 0.1


def test_a_silent_link_is_given_up_and_mended(tmp_path: Path) -> None:
    with simulate(SMALL, "silence@1s*1") as camera:
        recording, files = record(camera, tmp_path, duration_s=LONG_S, silence_s=0.3)
    assert (recording.error, recording.reconnects, len(files)) == (None, 1, 1)
    assert recording.gaps[0].reason == "no media for 0.3 s"


def test_a_drip_of_bytes_is_silence(tmp_path: Path) -> None:
    with simulate(SMALL, "slow-drip:10@1s*1") as camera:
        recording, _ = record(camera, tmp_path, duration_s=LONG_S, silence_s=0.3)
    assert recording.reconnects == 1


def test_without_reconnect_a_lost_link_is_the_end(tmp_path: Path) -> None:
    with simulate(SMALL, "hang-up@1s") as camera:
        recording, files = record(camera, tmp_path, reconnect=False)
    assert isinstance(recording.error, NetworkError)
    assert files[0].video_packets == pytest.approx(15, abs=1)


def test_a_camera_that_does_not_come_back_is_told(tmp_path: Path) -> None:
    spec = replace(SMALL, pace=Pace.CAMERA)
    with simulate(spec, "silence@0.5s") as camera:
        recording, files = record(camera, tmp_path, duration_s=1.0, silence_s=0.2)
    assert isinstance(recording.error, PartialFailure)
    assert recording.gaps
    assert files


def test_media_that_come_too_late_are_not_waited_for(
    tmp_path: Path, after_write: AfterWrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_s = [0.0]
    after_write(lambda _pipeline: passed_s.append(DURATION_S + 5.0))
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed_s[-1])
    monkeypatch.setattr(recorder_room, "time", clock)
    monkeypatch.setattr(gathered_link, "time", clock)
    with simulate(replace(SMALL, pace=Pace.CAMERA)) as camera:
        _, files = record(camera, tmp_path, silence_s=TIMEOUT_S, prompt=True)
    assert 0 < files[0].video_packets < DURATION_S * SMALL.fps / 2


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Media may be a minute late, as on a machine that is busy with other tests."""
    monkeypatch.setattr(recorder_room, "LATENESS_S", TIMEOUT_S)


@pytest.mark.usefixtures("patient")
def test_a_busy_machine_still_gets_its_whole_duration(
    tmp_path: Path, after_write: AfterWrite
) -> None:
    naps = [1.1]
    after_write(lambda _pipeline: time.sleep(naps.pop() if naps else 0))
    with simulate(replace(SMALL, pace=Pace.CAMERA)) as camera:
        _, files = record(camera, tmp_path, duration_s=1.0)
    assert files[0].duration_s == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("fault", ["codec-change@1s", "size-change@1s"])
def test_another_format_begins_another_file(fault: str, tmp_path: Path) -> None:
    with simulate(SMALL, fault) as camera:
        recording, files = record(camera, tmp_path)
    assert recording.error is None
    assert [file.path.name for file in files] == ["recording.mp4", "recording-2.mp4"]
    for file in files:
        assert count_pictures(file.path) == file.video_packets


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_a_second_lens_has_files_of_its_own(codec: Codec, tmp_path: Path) -> None:
    with simulate(replace(SMALL, codec=codec), "second-lens") as camera:
        recording, files = record(camera, tmp_path, duration_s=2.0)
        (sent,) = camera.sent_access_units
    assert recording.error is None
    assert recording.dropped_frames == 0
    names = {file.lens: file.path.name for file in files}
    assert names == {1: "recording.mp4", 2: "recording-lens2.mp4"}
    for file in files:
        types = {50, 51, 52, 53} if file.lens == 2 else {0, 1, 40, 41}
        of_lens = [split_units(codec, f.payload) for f in sent if f.frame_type in types]
        recorded = read_video(file.path)
        assert recorded == of_lens[: len(recorded)]
        assert file.video_packets == pytest.approx(2.0 * 15, abs=2)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_lenses_that_take_turns_get_files_of_their_own(codec: Codec, tmp_path: Path) -> None:
    with simulate(replace(SMALL, codec=codec), "second-lens-alike") as camera:
        recording, files = record(camera, tmp_path, duration_s=6.0)
        (sent,) = camera.sent_access_units
    assert recording.error is None
    pictures = [split_units(codec, f.payload) for f in sent if f.frame_type in VIDEO_TYPES]
    first, other = pictures[::2], pictures[1::2]
    (second,) = (file for file in files if file.lens == 2)
    recorded = read_video(second.path)
    gop = round(SMALL.gop_s * SMALL.fps)
    assert recorded == [other[gop], *other[2 * gop :][: len(recorded) - 1]]
    *early, last = (file for file in files if file.lens == 1)
    assert len(early) == 2  # before the turns were seen
    recorded = read_video(last.path)
    assert recorded == [first[gop], *first[2 * gop :][: len(recorded) - 1]]
    assert recording.dropped_frames == 2 * (gop - 1)
    assert second.video_packets == pytest.approx(last.video_packets, abs=1)
    assert last.video_packets > 3 * gop


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("fault", ["clock-jump:3600000@1s", "clock-jump:-3600000@1s"])
def test_a_jump_of_the_clock_leaves_no_hole(fault: str, tmp_path: Path) -> None:
    with simulate(replace(SMALL, pace=Pace.CAMERA), fault) as camera:
        _, files = record(camera, tmp_path, duration_s=2.0, prompt=True)  # not in lumps of 250 ms
    assert files[0].duration_s == pytest.approx(2.0, abs=0.2)
    assert files[0].video_packets == pytest.approx(30, abs=2)


def test_a_clock_that_stands_still_is_helped_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_room, "BACKWARD_TOLERANCE_MS", TIMEOUT_S * 1000)
    with simulate(SMALL, "clock-stall@1s") as camera:
        _, files = record(camera, tmp_path)
    assert files[0].duration_s == pytest.approx(DURATION_S, abs=0.2)
    assert files[0].video_packets == pytest.approx(DURATION_S * 15, abs=3)


def test_an_expired_ticket_is_renewed(tmp_path: Path) -> None:
    with simulate(SMALL, "ticket-expired") as camera:
        recording, files = record(camera, tmp_path)
    assert recording.error is None
    assert files


@pytest.mark.parametrize("reply_size", [32, 412])
def test_both_sizes_of_the_reply_are_taken(reply_size: int, tmp_path: Path) -> None:
    with simulate(replace(SMALL, reply_size=reply_size)) as camera:
        recording, files = record(camera, tmp_path)
        sent = list_sent(camera)
    recorded = read_video(files[0].path)
    assert recorded == sent[: len(recorded)]
    assert recording.dropped_frames == 0


@pytest.mark.parametrize("name", VARIANTS)
def test_each_generation_of_log_in_is_found_and_remembered(name: str, tmp_path: Path) -> None:
    variant = VARIANTS[name]
    spec = replace(SMALL, accepts=variant.accepts, device_version=variant.device_version)
    with simulate(spec) as camera:
        recording, files = record(camera, tmp_path)
    assert recording.error is None
    assert files
    assert recording.device.login_variant


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("wrong-password", CredentialsRefused),
        ("wrong-user", CredentialsRefused),
        ("wrong-id", DeviceIdRefused),
        ("unsupported", UnsupportedFirmware),
        ("busy", CameraBusy),
        ("hang-up", NetworkError),
    ],
)
def test_a_refusal_at_the_start_is_final(
    fault: str, error: type[V380Error], tmp_path: Path
) -> None:
    with simulate(SMALL, fault) as camera:
        recording, files = record(camera, tmp_path, reconnect=fault != "hang-up")
    assert isinstance(recording.error, error)
    assert recording.error.message
    assert files == []
    assert list(tmp_path.iterdir()) == []


def test_a_camera_that_never_shows_a_picture_is_told(tmp_path: Path) -> None:
    with simulate(SMALL, "silence") as camera:
        recording, files = record(camera, tmp_path, silence_s=0.3, reconnect=False)
    assert isinstance(recording.error, NetworkTimeout)
    assert files == []


def test_stop_closes_the_file(tmp_path: Path) -> None:
    with simulate(replace(SMALL, pace=Pace.CAMERA)) as camera:
        sink = make_sink(tmp_path)
        recorder = Recorder(Access(make_device(camera)), sink, RecordOptions())
        thread = threading.Thread(target=recorder.run)
        thread.start()
        while recorder.video_frames < 10:
            thread.join(0.02)
            assert thread.is_alive()
        recorder.stop()
        thread.join(TIMEOUT_S)
    assert not thread.is_alive()
    assert [path.name for path in tmp_path.iterdir()] == ["recording.mp4"]
    assert count_pictures(sink.files[0].path) == sink.files[0].video_packets >= 10
