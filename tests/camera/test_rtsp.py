"""What comes over RTSP from a server that is not ours is what it sent, bit for bit."""

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.media_server import find_free_port
from tests.readback import count_audio_seconds, read_video, split_units
from tests.rtsp_camera import Footage, RtspCamera, is_run_of, make_footage
from v380cli.camera.access import Access
from v380cli.camera.control import NotAble
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.camera.rtsp import Rtsp, make_url
from v380cli.camera.transport import LiveLink
from v380cli.errors import CredentialsRefused, NetworkError
from v380cli.media.sink import Codec
from v380cli.models import Device, Quality, Secret
from v380cli.simulator.onvif import OnvifDesk, OnvifServer
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.segmented import SegmentedSink
from v380cli.wire.control import PTZ_STOP, LightControl, PtzDirection, make_ptz
from v380cli.wire.session import MediaReceived

PATH = "/live/ch00_1"
PASSWORD = "tell-nobody"
CLOSED = "rtsp://127.0.0.1:1/h264"  # nobody listens there
CODECS = {"h264": Codec.H264, "hevc": Codec.HEVC}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("footage")


def make_access(
    port: int, *paths: str, password: str = "", user: str = "admin", host: str = "127.0.0.1"
) -> Access:
    device = Device(host=host, username=user, password=Secret(password))
    urls = [make_url(device, path, port) for path in paths or (PATH,)]
    return Access(device, transport=Rtsp(lambda _access, _quality: iter(urls)))


@contextlib.contextmanager
def serve(footage: Footage, path: str = PATH, **options: object) -> Iterator[int]:
    port = find_free_port("tcp")
    with RtspCamera(port, {path: footage}, **options):  # type: ignore[arg-type]
        yield port


def read_all(access: Access, *, audio: bool = True) -> list[MediaReceived]:
    """What comes until the server has no more."""
    media = []
    with access.open_live(audio=audio, prompt=True) as link, pytest.raises(NetworkError):
        for one in link.read_media():
            media.append(one)
    return media


class Pacemaker:
    """Sets the pace at the last moment at which it may, as who comes and goes does."""

    def __init__(self, link: LiveLink) -> None:
        self._link = link
        self.calls = 0

    def put(self, _: object) -> None:
        pass

    def lose_link(self) -> None:
        self._link.set_prompt(True)
        self.calls += 1


def test_the_pace_may_be_set_until_the_link_is_said_to_be_lost(folder: Path) -> None:
    with serve(make_footage(folder, "h264")) as port:
        link = make_access(port).open_live()
        listener = Pacemaker(link)
        link.tell(listener)
        link.close()
    assert listener.calls == 1


def list_units(footage: Footage, media: list[MediaReceived]) -> list[list[bytes]]:
    codec = CODECS[footage.codec]
    return [split_units(codec, one.payload) for one in media if one.kind == "video"]


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_each_access_unit_comes_bit_for_bit(folder: Path, codec: str, udp: bool) -> None:
    footage = make_footage(folder, codec)
    with serve(footage, udp=udp) as port:
        units = list_units(footage, read_all(make_access(port)))
    sent = footage.list_units()
    assert [unit[-1] for unit in units] == [unit[-1] for unit in sent]
    sets = [nal for nal in units[0] if nal not in sent[0]]
    assert len(sets) >= 2  # from the description, where the stream has none


@pytest.mark.parametrize("sound", ["aac", "alaw", "ulaw", "pcm"])
def test_sound_is_recorded_beside_the_picture(folder: Path, tmp_path: Path, sound: str) -> None:
    footage = make_footage(folder, "h264", sound)
    with serve(footage) as port:
        recording, path = record(make_access(port), tmp_path, duration_s=2.5)
    assert recording.error is None
    assert is_run_of([u[-1:] for u in read_video(path)], [u[-1:] for u in footage.list_units()])
    assert 2 <= count_audio_seconds(path) <= 3.5


def record(
    access: Access, folder: Path, container: ContainerFormat = ContainerFormat.MP4, **options: float
) -> tuple[Recording, Path]:
    path = folder / f"recording.{container}"
    sink = SegmentedSink(lambda _: path, container, lambda: dt.datetime.now(dt.UTC))
    return Recorder(access, sink, RecordOptions(**options)).run(), path  # type: ignore[arg-type]


def test_pictures_and_sound_are_on_one_clock(folder: Path) -> None:
    footage = make_footage(folder, "h264", "aac")
    with serve(footage) as port:
        media = read_all(make_access(port))
    video = [one.timestamp_ms for one in media if one.kind == "video"]
    audio = [one.timestamp_ms for one in media if one.kind == "audio"]
    assert abs(video[0] - audio[0]) < 200
    assert {later - one for one, later in pairwise(video)} <= {66, 67}


def test_a_password_is_asked_for_by_digest(folder: Path) -> None:
    footage = make_footage(folder)
    with serve(footage, user="owner", password=PASSWORD) as port:
        access = make_access(port, user="owner", password=PASSWORD)
        with access.open_live(prompt=True) as link:
            assert next(link.read_media()).kind == "video"
        with pytest.raises(CredentialsRefused):
            make_access(port, user="owner", password="wrong").open_live()
        with pytest.raises(CredentialsRefused):
            make_access(port, user="stranger", password=PASSWORD).open_live()


def test_the_next_address_is_tried_and_the_one_that_worked_is_kept(folder: Path) -> None:
    footage = make_footage(folder)
    with serve(footage, "/h264") as port:
        access = make_access(port, PATH, "/live/ch00_0", "/h264")
        for _ in range(2):
            with access.open_live(quality=Quality.HD, prompt=True) as link:
                assert next(link.read_media()).kind == "video"


def test_a_camera_that_has_moved_is_found_anew(folder: Path) -> None:
    with serve(make_footage(folder)) as port:
        device = Device(name="porch", device_id=1, host="127.0.0.1", rtsp_url=CLOSED)
        there = replace(device, device_id=2, rtsp_url=make_url(device, PATH, port))
        transport = Rtsp(lambda access, _quality: iter([access.device.rtsp_url]))
        access = Access(device, search=lambda _: there, transport=transport)
        with access.open_live(prompt=True) as link:
            assert next(link.read_media()).kind == "video"
    assert access.device == there


def test_controls_beside_the_stream_go_by_onvif(folder: Path) -> None:
    host, desk = "127.0.0.78", OnvifDesk(12345678)  # ONVIF is looked for at one port
    with (
        serve(make_footage(folder)) as port,
        OnvifServer(desk, host),
        make_access(port, host=host).open_live(prompt=True) as link,
    ):
        link.send_control(make_ptz(PtzDirection.LEFT).encode())
        link.send_control(PTZ_STOP.encode())
        with pytest.raises(NotAble):
            link.send_control(LightControl(switch=1).encode())
        assert next(link.read_media()).kind == "video"
    assert desk.moves == [(-0.5, 0.0), None, None]


def test_who_is_interrupted_waits_for_nothing(folder: Path) -> None:
    footage = make_footage(folder)
    with serve(footage) as port:
        access = make_access(port)
        with access.open_live(prompt=True) as link:
            media = link.read_media()
            next(media)
            timer = threading.Timer(0.1, access.interrupt.request)
            timer.start()
            with pytest.raises(NetworkError, match="interrupted"):
                for _ in media:
                    pass
            timer.join()


def test_a_server_that_is_killed_and_comes_back_leaves_one_recording_and_a_gap(
    folder: Path, tmp_path: Path
) -> None:
    footage = make_footage(folder, seconds=8)
    port = find_free_port("tcp")
    camera = RtspCamera(port, {PATH: footage})
    path = tmp_path / "recording.mkv"
    sink = SegmentedSink(lambda _: path, ContainerFormat.MKV, lambda: dt.datetime.now(dt.UTC))
    with camera:
        recorder = Recorder(make_access(port), sink, RecordOptions())
        restarted = threading.Thread(target=restart_amid, args=(camera, recorder))
        restarted.start()
        recording = recorder.run()
        restarted.join()
    assert recording.error is None
    assert recording.reconnects == 1
    assert len(recording.gaps) == 1
    assert len(sink.files) == 1
    units = read_video(path)
    assert len(units) >= 2 * 15


def restart_amid(camera: RtspCamera, recorder: Recorder) -> None:
    wait_for_frames(recorder, 15)
    camera.kill()
    camera.start()
    wait_for_frames(recorder, recorder.video_frames + 15)
    recorder.stop()


def wait_for_frames(recorder: Recorder, count: int) -> None:
    pause = threading.Event()
    for _ in range(6000):
        if recorder.video_frames >= count:
            return
        pause.wait(0.01)
    raise AssertionError(f"only {recorder.video_frames} of {count} pictures came")


def test_where_nothing_listens_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no RTSP"):
        make_access(find_free_port("tcp")).open_live()
