"""Live pictures as JPEG: decoded once, only while somebody looks, and never in the way."""

import io
import math
import threading
from collections.abc import Iterator

import av
import pytest

from tests.media_samples import GOP, HEIGHT, WIDTH, make_video
from v380cli.errors import MediaError
from v380cli.media.sink import Codec, Formats
from v380cli.sinks import motion_jpeg
from v380cli.sinks.broadcast import Broadcast
from v380cli.sinks.motion_jpeg import MotionJpeg, PictureViewer

TIMEOUT_S = 60.0
OFTEN = math.inf  # pictures a second: all, however fast they come


@pytest.fixture
def broadcast() -> Broadcast:
    broadcast = Broadcast()
    video = make_video(Codec.H264)
    broadcast.open(Formats(video.format), video.keyframe)
    return broadcast


@pytest.fixture
def pictures(broadcast: Broadcast) -> Iterator[MotionJpeg]:
    pictures = MotionJpeg(broadcast)
    yield pictures
    pictures.end()


class Looker:
    """Someone who looks, and can wait for a picture."""

    def __init__(self, pictures: MotionJpeg, fps: float = OFTEN) -> None:
        self._news = threading.Event()
        self.viewer: PictureViewer = pictures.watch(fps, self._news.set)

    def wait(self) -> bytes | None:
        assert self._news.wait(TIMEOUT_S), "no picture came"
        self._news.clear()
        return self.viewer.take()


def show(broadcast: Broadcast, codec: Codec = Codec.H264, frames: int = GOP) -> None:
    for packet in make_video(codec).packets(frames):
        broadcast.write(packet)


def read_size(jpeg: bytes | None) -> tuple[int, int]:
    assert jpeg
    with av.open(io.BytesIO(jpeg), "r", format="mjpeg") as source:
        frame = next(source.decode(video=0))
        return frame.width, frame.height


def list_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "v380-jpeg"]


def test_who_looks_gets_a_picture_at_once(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    show(broadcast, frames=GOP + 5)
    assert read_size(Looker(pictures).wait()) == (WIDTH, HEIGHT)


def test_all_get_the_same_picture(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    lookers = [Looker(pictures), Looker(pictures)]
    show(broadcast, frames=1)
    assert len({looker.wait() for looker in lookers}) == 1
    assert len(list_threads()) == 1


def test_nobody_gets_more_pictures_than_wanted(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    seldom, often = Looker(pictures, fps=0.01), Looker(pictures)
    for packet in make_video(Codec.H264).packets(5):
        broadcast.write(packet)
        assert often.wait()
    assert seldom.viewer.take()
    assert seldom.viewer.take() == b""


def test_a_change_of_codec_goes_on(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    looker = Looker(pictures)
    show(broadcast, frames=1)
    looker.wait()
    other = make_video(Codec.HEVC, 160, 96)
    broadcast.open(Formats(other.format), other.keyframe)
    for packet in other.packets(2 * GOP):
        broadcast.write(packet)
    while read_size(looker.wait()) != (160, 96):
        pass


def test_the_thread_ends_when_nobody_looks(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    looker = Looker(pictures)
    show(broadcast, frames=1)
    looker.wait()
    looker.viewer.close()
    for thread in threading.enumerate():
        if thread.name == "v380-jpeg":
            thread.join(TIMEOUT_S)
    assert list_threads() == []
    assert pictures.count_viewers() == 0
    assert Looker(pictures).wait(), "and begins again"


def test_the_end_is_told(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    looker = Looker(pictures)
    pictures.end()
    assert looker.wait() is None
    assert Looker(pictures).wait() is None


def test_who_looks_is_sent_home_when_no_picture_can_be_made(
    broadcast: Broadcast, pictures: MotionJpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(motion_jpeg, "PictureDecoder", None)
        looker = Looker(pictures)
        show(broadcast, frames=1)
        assert looker.wait() is None
    assert pictures.count_viewers() == 0
    assert Looker(pictures).wait(), "who comes later has another try"


def test_a_snapshot_is_the_newest_keyframe(broadcast: Broadcast, pictures: MotionJpeg) -> None:
    with pytest.raises(MediaError):
        pictures.take_snapshot()
    show(broadcast, frames=3)
    first = pictures.take_snapshot()
    assert read_size(first) == (WIDTH, HEIGHT)
    assert pictures.take_snapshot() is first, "it is made once"
    show(broadcast, frames=GOP + 1)
    assert pictures.take_snapshot() is not first
