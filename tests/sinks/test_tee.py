"""Several sinks fed as one."""

import datetime as dt
import threading
from pathlib import Path

import pytest

from tests.media_samples import FPS, GOP, PCM, make_video, tone_packets
from tests.readback import count_audio_seconds, count_pictures
from v380cli.errors import Bug, MediaError, StorageError, V380Error
from v380cli.media.sink import Codec, Formats, Packet, Track
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.sinks.tee import TeeSink

START = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


class Listener:
    """A sink that remembers, and fails where it is told to."""

    def __init__(self, *, fails_after: int = 10**9, error: Exception | None = None) -> None:
        self.opened: list[Formats] = []
        self.packets: list[Packet] = []
        self.closings = 0
        self.is_open = False
        self._fails_after = fails_after
        self._error = error or StorageError("the disk is full")

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        self.is_open = True
        self.opened.append(formats)

    def write(self, packet: Packet) -> None:
        assert self.is_open
        if len(self.packets) >= self._fails_after:
            raise self._error
        self.packets.append(packet)

    def close(self) -> None:
        self.closings += self.is_open
        self.is_open = False


VIDEO = make_video(Codec.H264)
PACKETS = list(VIDEO.packets(4 * GOP))


def open_tee(main: Listener) -> TeeSink:
    tee = TeeSink(main)
    tee.open(Formats(VIDEO.format), VIDEO.keyframe)
    return tee


def write(tee: TeeSink, first: int, end: int) -> None:
    for packet in PACKETS[first:end]:
        tee.write(packet)


def test_a_branch_begins_at_the_next_keyframe() -> None:
    main, branch = Listener(), Listener()
    tee = open_tee(main)
    write(tee, 0, 5)
    tee.attach(branch)
    write(tee, 5, 2 * GOP)
    tee.close()
    assert main.packets == PACKETS[: 2 * GOP]
    assert branch.packets == PACKETS[GOP : 2 * GOP]
    assert branch.opened == [Formats(VIDEO.format)]
    assert (main.closings, branch.closings) == (1, 1)


def test_a_detached_branch_gets_no_more() -> None:
    main, sink = Listener(), Listener()
    tee = open_tee(main)
    branch = tee.attach(sink)
    write(tee, 0, 3)
    tee.detach(branch)
    write(tee, 3, GOP + 1)
    tee.detach(branch)
    assert sink.packets == PACKETS[:3]
    assert sink.closings == 1
    assert len(main.packets) == GOP + 1


@pytest.mark.parametrize(
    ("error", "told"), [(StorageError("the disk is full"), StorageError), (ValueError("oh"), Bug)]
)
def test_the_failure_of_a_branch_is_its_own(error: Exception, told: type[V380Error]) -> None:
    main, good, bad = Listener(), Listener(), Listener(fails_after=2, error=error)
    tee = open_tee(main)
    failing, _ = tee.attach(bad), tee.attach(good)
    write(tee, 0, 10)
    assert isinstance(failing.error, told)
    assert bad.closings == 1
    assert len(main.packets) == len(good.packets) == 10


def test_the_failure_of_the_main_sink_is_that_of_the_tee() -> None:
    tee = open_tee(Listener(fails_after=2))
    with pytest.raises(StorageError, match="full"):
        write(tee, 0, 3)


def test_a_branch_goes_on_in_the_next_format() -> None:
    hevc = make_video(Codec.HEVC)
    branch = Listener()
    tee = open_tee(Listener())
    tee.attach(branch)
    write(tee, 0, 2)
    tee.close()
    tee.open(Formats(hevc.format), hevc.keyframe)
    for packet in hevc.packets(2):
        tee.write(packet)
    tee.close()
    assert [formats.video.codec for formats in branch.opened] == [Codec.H264, Codec.HEVC]
    assert len(branch.packets) == 4


def test_a_file_beside_has_picture_and_sound(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    sink = SegmentedSink(lambda _: path, ContainerFormat.MP4, lambda: START)
    tee = TeeSink(Listener())
    tee.open(Formats(VIDEO.format, PCM), VIDEO.keyframe)
    branch = None
    packets = [*VIDEO.packets(6 * FPS), *tone_packets(6)]
    for packet in sorted(packets, key=lambda packet: packet.pts_ms):
        tee.write(packet)
        if branch is None and packet.pts_ms > 500:
            branch = tee.attach(sink)
    assert branch is not None
    tee.detach(branch)
    assert [file.path for file in sink.files] == [path]
    assert count_pictures(path) == 6 * FPS - GOP
    assert count_audio_seconds(path) == pytest.approx(4, abs=0.3)


def test_branches_come_and_go_while_another_thread_writes() -> None:
    tee = open_tee(Listener())
    is_done = threading.Event()

    def write_on() -> None:
        for packet in PACKETS * 20:
            tee.write(packet)
        is_done.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    sinks: list[Listener] = []
    while not is_done.is_set() or not sinks:
        sinks.append(Listener())
        tee.detach(tee.attach(sinks[-1]))
    writer.join()
    assert all(sink.closings == len(sink.opened) for sink in sinks)


def test_a_closed_tee_refuses_what_its_main_sink_refuses(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    tee = TeeSink(SegmentedSink(lambda _: path, ContainerFormat.MP4, lambda: START))
    tee.close()
    with pytest.raises(MediaError):
        tee.write(Packet(Track.VIDEO, b"", 0, True))
