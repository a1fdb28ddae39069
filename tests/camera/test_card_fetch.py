"""What is fetched is what is on the card, unit by unit, whatever the link does."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.camera.card import (
    ENTRIES,
    GENERATIONS,
    SECONDS,
    SMALL_CARD,
    CutLink,
    fetch,
    find_recording,
    list_units,
    make_reader,
    simulate_card,
    write_file,
)
from tests.readback import count_audio_seconds, count_pictures, read_video
from v380cli.camera import retry
from v380cli.camera.fetch import Fetcher, Interrupted
from v380cli.camera.frame_clock import FrameClock
from v380cli.camera.playback import EmptyRecording
from v380cli.camera.remux import RecordingWriter
from v380cli.errors import NetworkError, RemoteProtocolError, StorageError
from v380cli.media.sink import Codec
from v380cli.simulator.card import make_entry
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.tone import AudioKind
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.store.spool import FrameHead, Spool
from v380cli.wire.card.words import CardFrame, RecordingKind
from v380cli.wire.refusals import TicketExpired

pytestmark = pytest.mark.usefixtures("_short_pauses")


@pytest.fixture
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(retry, "LONGEST_RETRY_S", 0.02)


def check_fetch(camera: SimulatedCamera, folder: Path, **options: float) -> Fetcher:
    """Fetch the first recording: what is in its file is what is on the card."""
    reader = make_reader(camera)
    recording = find_recording(reader)
    fetcher, spool = fetch(reader, recording, folder, **options)
    (file,) = write_file(recording, spool, folder / "x.mp4")
    assert read_video(file.path) == list_units(camera, ENTRIES[0])
    return fetcher


@pytest.mark.parametrize("variant", GENERATIONS.values(), ids=GENERATIONS.keys())
@pytest.mark.parametrize("container", ContainerFormat)
def test_a_recording_is_bit_for_bit_what_is_on_the_card(
    container: ContainerFormat, variant: str, tmp_path: Path
) -> None:
    with simulate_card(variant=variant) as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        _, spool = fetch(reader, recording, tmp_path)
        (file,) = write_file(recording, spool, tmp_path / f"x.{container}", container)
        assert read_video(file.path) == list_units(camera, ENTRIES[0])
    assert file.duration_s == pytest.approx(SECONDS, abs=0.01)
    assert file.start == recording.start
    assert count_audio_seconds(file.path) == pytest.approx(SECONDS, abs=0.2)
    assert count_pictures(file.path) == SECONDS * 10


@pytest.mark.parametrize("audio", [*AudioKind, None])
def test_every_kind_of_sound_is_recorded(audio: AudioKind | None, tmp_path: Path) -> None:
    with simulate_card(replace(SMALL_CARD, audio=audio)) as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        _, spool = fetch(reader, recording, tmp_path)
        (file,) = write_file(recording, spool, tmp_path / "x.mp4")
    if audio is None:
        assert file.audio_packets == 0
    else:
        assert count_audio_seconds(file.path) == pytest.approx(SECONDS, abs=0.3)


@pytest.mark.parametrize(
    "card",
    [
        replace(SMALL_CARD, batch=200),
        replace(SMALL_CARD, batch=30),
        replace(SMALL_CARD, echoes_notes=False),
        replace(SMALL_CARD, clears_video=True),
        replace(SMALL_CARD, codec=Codec.HEVC),
        replace(SMALL_CARD, packet_bytes=60_000),
    ],
    ids=["batch of 200", "batch of 30", "notes of 0", "video in clear", "hevc", "large packets"],
)
def test_other_cards(card: object, tmp_path: Path) -> None:
    with simulate_card(card) as camera:  # type: ignore[arg-type]
        check_fetch(camera, tmp_path)


@pytest.mark.parametrize("variant", ["today", "legacy"])
def test_twenty_cuts_at_random_places_leave_no_seam(variant: str, tmp_path: Path) -> None:
    chance = random.Random(380)
    cuts = [chance.randrange(70, 90_000) for _ in range(20)]
    link = CutLink(iter(cuts))
    with simulate_card(variant=variant) as camera:
        reader = make_reader(camera, link)
        recording = find_recording(reader)
        for _ in range(30):  # the program is started again where it gives up
            try:
                fetcher, spool = fetch(reader, recording, tmp_path)
            except NetworkError:
                continue
            break
        frames = list(spool.read_frames())
        wanted = list(camera.card.list_frames(ENTRIES[0]))
        assert [frame.payload for frame in frames] == [frame.payload for frame in wanted]
        (file,) = write_file(recording, spool, tmp_path / "x.mp4")
        assert read_video(file.path) == list_units(camera, ENTRIES[0])
    assert link.made == 20
    assert fetcher.bytes_received


@pytest.mark.parametrize("fault", ["play-hang-up", "play-reset", "play-lost-packet"])
@pytest.mark.parametrize("variant", ["today", "legacy"])
def test_what_the_camera_breaks_is_mended(fault: str, variant: str, tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, f"{fault}@frame:77*1", variant=variant) as camera:
        fetcher = check_fetch(camera, tmp_path)
    assert fetcher.reconnects == 1


@pytest.mark.parametrize("fault", ["play-alive@frame:10", "play-message@frame:10"])
@pytest.mark.parametrize("variant", ["today", "legacy"])
def test_what_stands_between_records_costs_nothing(
    fault: str, variant: str, tmp_path: Path
) -> None:
    with simulate_card(SMALL_CARD, fault, variant=variant) as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        fetcher, spool = fetch(reader, recording, tmp_path)
        wanted = list(camera.card.list_frames(ENTRIES[0]))
        assert [frame.payload for frame in spool.read_frames()] == [f.payload for f in wanted]
        spool.close()
    assert fetcher.reconnects == 0


def test_a_packet_that_is_lost_between_alive_records_is_found_out(tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, "play-alive", "play-lost-packet@frame:77*1") as camera:
        fetcher = check_fetch(camera, tmp_path)
    assert fetcher.reconnects == 1


def test_a_ticket_that_no_longer_counts_is_renewed_once(tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, "play-expired") as camera:
        reader = make_reader(camera)
        before = reader.ticket
        _, spool = fetch(reader, find_recording(reader), tmp_path)
        spool.close()
        assert spool.is_complete
    assert reader.ticket != before


def test_a_ticket_that_never_counts_is_told(tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, "play-expired*9") as camera:
        reader = make_reader(camera)
        with pytest.raises(TicketExpired, match="-1003"):
            fetch(reader, find_recording(reader), tmp_path)


@pytest.mark.parametrize("seconds", [2, SECONDS])
@pytest.mark.parametrize("variant", ["today", "legacy"])
def test_a_recording_of_no_frame_is_no_success(variant: str, seconds: int, tmp_path: Path) -> None:
    entry = make_entry(1, RecordingKind.NORMAL, ENTRIES[0].start, seconds)
    card = replace(SMALL_CARD, entries=(entry,))
    with simulate_card(card, "play-empty", variant=variant) as camera:
        reader = make_reader(camera)
        with pytest.raises(EmptyRecording):
            fetch(reader, find_recording(reader), tmp_path)
        spool = Spool(tmp_path / "frames", "test")
        spool.close()
        assert not spool.is_complete


def test_a_recording_that_is_empty_once_is_asked_for_again(tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, "play-empty*1") as camera:
        fetcher = check_fetch(camera, tmp_path)
    assert fetcher.reconnects == 1


@pytest.mark.parametrize("stamp", [0, 1 << 63, (1 << 64) - 1])
def test_a_stamp_may_be_any_number(stamp: int, tmp_path: Path) -> None:
    with simulate_card() as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        _, spool = fetch(reader, recording, tmp_path)
        frames = list(spool.read_frames())
        spool.close()
    frames[40:] = [frame._replace(timestamp_ms=stamp) for frame in frames[40:]]
    writer = RecordingWriter(recording, FrameClock(recording.entry))
    sink = SegmentedSink(lambda _: tmp_path / "x.mp4", ContainerFormat.MP4, writer.read_clock)
    writer.open(sink)
    writer.write(frames)
    writer.close()
    assert sum(file.video_packets for file in sink.files) == SECONDS * 10


def test_silence_is_mended(tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, "play-silence@frame:77*1") as camera:
        fetcher = check_fetch(camera, tmp_path, silence_s=0.2)
    assert fetcher.reconnects == 1


def test_an_end_that_never_comes_is_taken_for_one(tmp_path: Path) -> None:
    with simulate_card(SMALL_CARD, "play-no-end") as camera:
        check_fetch(camera, tmp_path, silence_s=0.2)


def test_a_frame_beyond_the_cap_ends_it_and_what_came_stays_whole(tmp_path: Path) -> None:
    with simulate_card(replace(SMALL_CARD, gop_s=6), "play-oversize@frame:50") as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        with pytest.raises(RemoteProtocolError, match="claims"):
            fetch(reader, recording, tmp_path, silence_s=0.2)
        spool = Spool(tmp_path / "frames", "test")
        (file,) = write_file(recording, spool, tmp_path / "x.mp4")
        got = read_video(file.path)
        assert got == list_units(camera, ENTRIES[0])[: len(got)]
    assert len(got) >= 20


def test_a_card_whose_recording_changed_is_begun_anew(tmp_path: Path) -> None:
    other = replace(SMALL_CARD, audio=AudioKind.ALAW, bitrate=100_000)
    link = CutLink(iter([60_000]))
    with simulate_card() as camera:
        reader = make_reader(camera, link)
        recording = find_recording(reader)
        spool = Spool(tmp_path / "frames", "test")
        fetcher = Fetcher(reader, recording, spool)
        fetcher_stopped = pytest.raises(Interrupted)
        spool_append = spool.append

        def append_and_stop(frame: object) -> None:
            spool_append(frame)  # type: ignore[arg-type]
            if spool.size_bytes > 50_000:
                fetcher.stop()

        spool.append = append_and_stop  # type: ignore[method-assign]
        with fetcher_stopped:
            fetcher.run()
        spool.close()
    with simulate_card(other) as camera:
        reader = make_reader(camera)
        _, spool = fetch(reader, find_recording(reader), tmp_path)
        (file,) = write_file(recording, spool, tmp_path / "x.mp4")
        assert read_video(file.path) == list_units(camera, ENTRIES[0])


class Strange:
    """The head of a frame that the camera does not show again."""

    def __init__(self, head: FrameHead) -> None:
        self.frame_type, self.timestamp_ms, self.size = head.frame_type, head.timestamp_ms, 1

    def matches(self, _: CardFrame) -> bool:
        return False


class Forgetful(Spool):
    """Keeps frames by which nobody can join on, until it begins anew."""

    def cut_at_keyframe(self) -> Any:
        head = super().cut_at_keyframe()
        return head and Strange(head)


@pytest.mark.parametrize("cut", [60_000, 200_000])
def test_a_recording_whose_seam_is_lost_is_begun_anew(cut: int, tmp_path: Path) -> None:
    link = CutLink(iter([cut]))
    with simulate_card() as camera:
        reader = make_reader(camera, link)
        recording = find_recording(reader)
        spool = Forgetful(tmp_path / "frames", "test")
        Fetcher(reader, recording, spool).run()
        (file,) = write_file(recording, spool, tmp_path / "x.mp4")
        assert read_video(file.path) == list_units(camera, ENTRIES[0])


@pytest.mark.parametrize("variant", ["today", "legacy"])
def test_a_cut_begins_and_ends_at_keyframes(variant: str, tmp_path: Path) -> None:
    with simulate_card(variant=variant) as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        _, spool = fetch(reader, recording, tmp_path, start_s=4.5, end_s=8.2)
        (file,) = write_file(recording, spool, tmp_path / "x.mp4")
        assert read_video(file.path) == list_units(camera, ENTRIES[0])[40:90]


def test_no_space_left_stops_in_time(tmp_path: Path) -> None:
    def refuse() -> None:
        raise StorageError("only 1 MB is free")

    with simulate_card() as camera:
        reader = make_reader(camera)
        recording = find_recording(reader)
        spool = Spool(tmp_path / "frames", "test")
        fetcher = Fetcher(reader, recording, spool, check_space=refuse)
        fetcher._space_checked_at = -(8 << 20)
        with pytest.raises(StorageError):
            fetcher.run()
        assert 0 < spool.size_bytes < 20_000
        spool.close()
