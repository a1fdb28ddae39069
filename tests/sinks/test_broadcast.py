"""Many viewers of one camera: each gets all of it, or loses some up to a keyframe, alone."""

import heapq
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from tests.media_samples import (
    GOP,
    PCM,
    aac_packets,
    make_aac,
    make_motion_jpeg,
    make_video,
    tone_packets,
)
from tests.readback import count_audio_seconds, count_pictures, read_video, split_units
from v380cli.errors import MediaError
from v380cli.media.nal import is_random_access, nal_type
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.sinks import broadcast as broadcast_module
from v380cli.sinks import chunks, live_muxers, viewer
from v380cli.sinks.broadcast import Broadcast
from v380cli.sinks.chunks import LiveFormat
from v380cli.sinks.viewer import Viewer

FRAMES = 3 * GOP
CONTAINERS = [LiveFormat.TS, LiveFormat.MP4]
CODECS = [Codec.H264, Codec.HEVC]
# The format, the packets, and how long they are in seconds.
SOUNDS: dict[str, tuple[AudioFormat | None, Callable[[], Iterator[Packet]], float]] = {
    "none": (None, lambda: iter(()), 0),
    "pcm": (PCM, lambda: tone_packets(6), 6),
    "aac": (make_aac()[0], aac_packets, 4),
}


def do_nothing() -> None:
    """Stands for a wake that nobody needs."""


def open_broadcast(
    codec: Codec = Codec.H264, audio: AudioFormat | None = None, width: int = 320
) -> Broadcast:
    broadcast = Broadcast()
    reopen(broadcast, codec, audio, width)
    return broadcast


def reopen(
    broadcast: Broadcast, codec: Codec, audio: AudioFormat | None = None, width: int = 320
) -> None:
    sample = make_video(codec, width)
    broadcast.open(Formats(sample.format, audio), sample.keyframe)


def show(broadcast: Broadcast, packets: list[Packet]) -> None:
    for packet in packets:
        broadcast.write(packet)


def take_all(viewer: Viewer) -> bytes:
    return b"".join(iter(lambda: viewer.take() or b"", b""))


def read_units(data: bytes, folder: Path, live_format: LiveFormat) -> list[list[bytes]]:
    path = folder / f"taken.{live_format}"
    path.write_bytes(data)
    return read_video(path)


def list_units(packets: list[Packet], codec: Codec = Codec.H264) -> list[list[bytes]]:
    return [split_units(codec, p.data) for p in packets if p.track is Track.VIDEO]


def is_keyframe(unit: list[bytes], codec: Codec = Codec.H264) -> bool:
    return any(is_random_access(codec, nal_type(codec, nal[0])) for nal in unit)


@pytest.mark.parametrize("live_format", CONTAINERS)
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("sound", ["none", "pcm", "aac"])
def test_a_viewer_gets_every_access_unit_bit_for_bit(
    codec: Codec, sound: str, live_format: LiveFormat, tmp_path: Path
) -> None:
    packets = list(make_video(codec).packets(FRAMES))
    audio, tone, seconds = SOUNDS[sound]
    packets = list(heapq.merge(packets, tone(), key=lambda packet: packet.pts_ms))
    broadcast = open_broadcast(codec, audio)
    watcher = broadcast.watch(live_format, do_nothing)
    show(broadcast, packets)
    broadcast.close()
    data = take_all(watcher)
    assert read_units(data, tmp_path, live_format) == list_units(packets, codec)
    assert count_pictures(tmp_path / f"taken.{live_format}") == FRAMES
    if audio:
        path = tmp_path / f"taken.{live_format}"
        assert count_audio_seconds(path) == pytest.approx(seconds, abs=0.4)


@pytest.mark.parametrize("live_format", CONTAINERS)
@pytest.mark.parametrize("is_watched", [False, True], ids=["the first", "one more"])
def test_who_comes_late_begins_with_the_last_keyframe_at_once(
    is_watched: bool, live_format: LiveFormat, tmp_path: Path
) -> None:
    packets = list(make_video(Codec.H264).packets(FRAMES))
    broadcast = open_broadcast()
    if is_watched:
        broadcast.watch(live_format, do_nothing)
    show(broadcast, packets[: GOP + 10])
    late = broadcast.watch(live_format, do_nothing)
    beginning = take_all(late)
    assert beginning, "it does not wait for the next keyframe"
    show(broadcast, packets[GOP + 10 :])
    broadcast.close()
    data = beginning + take_all(late)
    assert read_units(data, tmp_path, live_format) == list_units(packets[GOP:])


@pytest.mark.parametrize("live_format", CONTAINERS)
def test_a_slow_viewer_loses_pictures_up_to_a_keyframe_and_nobody_else_does(
    live_format: LiveFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "MAX_QUEUED_CHUNKS", GOP // 2)
    packets = list(make_video(Codec.H264).packets(3 * GOP + 5))
    broadcast = open_broadcast()
    slow = broadcast.watch(live_format, do_nothing)
    quick = [broadcast.watch(live_format, do_nothing) for _ in range(3)]
    taken = [b"", b"", b""]
    late = b""
    for number, packet in enumerate(packets):
        broadcast.write(packet)
        for index, each in enumerate(quick):
            taken[index] += take_all(each)
        if number < 5 or number > 2 * GOP + 5:
            late += take_all(slow)
    broadcast.close()
    sent = list_units(packets)
    for index, each in enumerate(quick):
        data = taken[index] + take_all(each)
        assert read_units(data, tmp_path, live_format) == sent
        assert each.dropped_pictures == 0
    got = read_units(late + take_all(slow), tmp_path, live_format)
    numbers = find_in(got, sent)
    assert len(sent) - len(got) == slow.dropped_pictures == broadcast.count_dropped() > GOP // 2
    for before, after in pairwise(numbers):
        assert after == before + 1 or is_keyframe(sent[after])


def test_what_a_slow_viewer_has_taken_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "MAX_QUEUED_CHUNKS", GOP // 2)
    broadcast = open_broadcast()
    behind = broadcast.watch(LiveFormat.RAW, do_nothing)
    packets = list(make_video(Codec.H264).packets(2 * GOP))
    show(broadcast, packets[:2])
    taken = 0
    for packet in packets[2:GOP]:
        broadcast.write(packet)
        taken += bool(behind.take())
    show(broadcast, packets[GOP:])
    while behind.take():
        taken += 1
    assert taken + behind.dropped_pictures == len(packets)


def test_what_a_slow_viewer_holds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "MAX_QUEUED_BYTES", 40_000)
    broadcast = open_broadcast()
    slow = broadcast.watch(LiveFormat.TS, do_nothing)
    for packet in make_video(Codec.H264).packets(20 * GOP + 10):
        broadcast.write(packet)
    assert 0 < len(take_all(slow)) <= 40_000


def test_a_group_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes then waits for the next keyframe."""
    monkeypatch.setattr(chunks, "MAX_GROUP_ITEMS", GOP // 2)
    packets = list(make_video(Codec.H264).packets(GOP + 1))
    broadcast = open_broadcast()
    show(broadcast, packets[:GOP])
    late = broadcast.watch(LiveFormat.RAW, do_nothing)
    assert take_all(late) == b""
    broadcast.write(packets[GOP])
    assert take_all(late) == packets[GOP].data


def test_a_transport_stream_goes_on_after_a_change(tmp_path: Path) -> None:
    broadcast = open_broadcast()
    watcher = broadcast.watch(LiveFormat.TS, do_nothing)
    first = list(make_video(Codec.H264).packets(GOP))
    second = list(make_video(Codec.HEVC).packets(GOP, start_ms=2000))
    show(broadcast, first)
    broadcast.close()
    before = take_all(watcher)
    reopen(broadcast, Codec.HEVC)
    show(broadcast, second)
    broadcast.close()
    after = take_all(watcher)
    assert read_units(before, tmp_path, LiveFormat.TS) == list_units(first)
    assert read_units(after, tmp_path, LiveFormat.TS) == list_units(second, Codec.HEVC)
    assert [find_table_version(data) for data in (before, after)] == [0, 1]


def test_an_mp4_ends_at_a_change_and_can_be_watched_anew(tmp_path: Path) -> None:
    broadcast = open_broadcast()
    former = broadcast.watch(LiveFormat.MP4, do_nothing)
    first = list(make_video(Codec.H264).packets(GOP))
    second = list(make_video(Codec.HEVC).packets(GOP, start_ms=2000))
    show(broadcast, first)
    reopen(broadcast, Codec.HEVC)
    show(broadcast, second)
    assert read_units(take_all(former), tmp_path, LiveFormat.MP4) == list_units(first)
    assert former.take() is None
    later = broadcast.watch(LiveFormat.MP4, do_nothing)
    broadcast.close()
    got = read_units(take_all(later), tmp_path, LiveFormat.MP4)
    assert got == list_units(second, Codec.HEVC)


def test_who_comes_between_two_formats_is_told_of_the_next() -> None:
    broadcast = open_broadcast()
    show(broadcast, list(make_video(Codec.H264).packets(GOP)))
    broadcast.close()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(broadcast.watch_programme, LiveFormat.MP4, do_nothing)
        with pytest.raises(TimeoutError):
            coming.result(0.1)
        reopen(broadcast, Codec.HEVC)
        _, shown = coming.result(1)
    assert shown
    assert shown.formats.video.codec is Codec.HEVC


@pytest.mark.parametrize("live_format", [LiveFormat.MP4, LiveFormat.RTP])
@pytest.mark.parametrize("codec", CODECS)
def test_who_could_not_wait_for_the_next_format_gets_no_other_than_was_told(
    codec: Codec, live_format: LiveFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_module, "CHANGE_WAIT_S", 0)
    broadcast = open_broadcast()
    show(broadcast, list(make_video(Codec.H264).packets(GOP)))
    broadcast.close()
    between, shown = broadcast.watch_programme(live_format, do_nothing)
    assert shown
    assert shown.formats.video.codec is Codec.H264
    reopen(broadcast, codec)
    show(broadcast, list(make_video(codec).packets(GOP)))
    is_told = codec is Codec.H264
    assert bool(between.take()) is is_told
    assert broadcast.count_viewers() == is_told


def test_each_container_is_muxed_once_and_only_while_somebody_watches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[LiveFormat] = []

    def count(live_format: LiveFormat, *rest: object) -> chunks.ChunkMuxer:
        opened.append(live_format)
        return live_muxers.open_chunk_muxer(live_format, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(broadcast_module, "open_chunk_muxer", count)
    packets = list(make_video(Codec.H264).packets(2 * GOP))
    broadcast = open_broadcast()
    show(broadcast, packets[:GOP])
    assert opened == []
    viewers = [broadcast.watch(LiveFormat.MP4, do_nothing) for _ in range(4)]
    assert (opened, broadcast.count_viewers()) == ([LiveFormat.MP4], 4)
    for each in viewers:
        each.close()
    show(broadcast, packets[GOP:])
    assert (opened, broadcast.count_viewers()) == ([LiveFormat.MP4], 0)
    broadcast.watch(LiveFormat.MP4, do_nothing)
    assert opened == [LiveFormat.MP4, LiveFormat.MP4]


@pytest.mark.parametrize("trouble", [MediaError("not this one"), ValueError("a bug")], ids=str)
def test_what_goes_wrong_in_one_container_ends_its_viewers_alone(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(live_format: LiveFormat, *rest: object) -> chunks.ChunkMuxer:
        if live_format is LiveFormat.MP4:
            raise trouble
        return live_muxers.open_chunk_muxer(live_format, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(broadcast_module, "open_chunk_muxer", refuse)
    broadcast = open_broadcast()
    unlucky = broadcast.watch(LiveFormat.MP4, do_nothing)
    lucky = broadcast.watch(LiveFormat.TS, do_nothing)
    show(broadcast, list(make_video(Codec.H264).packets(GOP)))
    assert unlucky.take() is None
    assert lucky.take()


@pytest.mark.parametrize("live_format", [LiveFormat.TS, LiveFormat.RTP])
def test_motion_jpeg_ends_the_viewers_who_cannot_have_it_alone(live_format: LiveFormat) -> None:
    """A camera of that kind was lost for everybody."""
    formats, packets = make_motion_jpeg()
    first, *rest = packets
    broadcast = Broadcast()
    broadcast.open(formats, first.data)
    unlucky, lucky = (broadcast.watch(f, do_nothing) for f in (live_format, LiveFormat.RAW))
    show(broadcast, [first, *rest])
    assert unlucky.take() is None
    assert take_all(lucky) == b"".join(packet.data for packet in [first, *rest])
    assert broadcast.watch(live_format, do_nothing).take() is None


def test_the_end_is_for_everybody_and_for_good() -> None:
    woken = threading.Event()
    broadcast = open_broadcast()
    before = broadcast.watch(LiveFormat.TS, woken.set)
    broadcast.end()
    assert woken.is_set()
    assert before.take() is None
    assert broadcast.watch(LiveFormat.TS, do_nothing).take() is None


def test_a_viewer_is_woken_when_there_is_something_again() -> None:
    calls: list[int] = []
    broadcast = open_broadcast()
    watcher = broadcast.watch(LiveFormat.RAW, lambda: calls.append(1))
    packets = list(make_video(Codec.H264).packets(4))
    show(broadcast, packets[:3])
    assert len(calls) == 1, "once is enough while it has not come"
    take_all(watcher)
    show(broadcast, packets[3:])
    assert len(calls) == 2


def test_nothing_is_written_before_it_is_open() -> None:
    with pytest.raises(MediaError):
        Broadcast().write(Packet(Track.VIDEO, b"", 0))


def find_table_version(data: bytes) -> int:
    """version_number of the table that a transport stream begins with (ISO/IEC 13818-1, 2.4.4)."""
    return data[10] >> 1 & 0x1F


def find_in(got: list[list[bytes]], sent: list[list[bytes]]) -> list[int]:
    """Where the units are among those sent; fails for one that was not sent in this order."""
    numbers, position = [], 0
    for unit in got:
        position = sent.index(unit, position)
        numbers.append(position)
        position += 1
    return numbers
