"""Keyframes are taken when they are due, whatever the link does."""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.commands.recording_lab import (
    SMALL,
    TIMEOUT_S,
    LoginWatch,
    find_closed_port,
    list_sent,
    make_device,
    open_camera,
    open_cameras,
    wait_until,
)
from tests.readback import split_units
from v380cli.camera import retry as retry_room
from v380cli.camera import snapshot as snapshot_room
from v380cli.camera.access import Access
from v380cli.camera.snapshot import Keyframe, Schedule, SnapshotReport, SnapshotTaker
from v380cli.errors import (
    CameraBusy,
    CameraNotFound,
    CredentialsRefused,
    MediaError,
    NetworkError,
    NetworkTimeout,
    PortShut,
    StorageError,
    V380Error,
)
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.nal import PARAMETER_SET_TYPES, nal_type
from v380cli.media.sink import Codec
from v380cli.models import Device, Quality
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator

ONE = Schedule(count=1)
CLEAR_VERSION = 20
LONG_GOP_S = 8.0


class Album:
    """Keeps the keyframes of one camera; `refuse` says which of them, by number, are no good."""

    def __init__(self, refuse: Callable[[int], bool] = lambda _: False) -> None:
        self.keyframes: list[Keyframe] = []
        self.seen = 0
        self._refuse = refuse

    def take(self, keyframe: Keyframe) -> None:
        self.seen += 1
        if self._refuse(self.seen):
            raise MediaError("it cannot be decoded")
        self.keyframes.append(keyframe)


def take(
    device: Device, album: Album, schedule: Schedule = ONE, quality: Quality = Quality.HD
) -> SnapshotReport:
    return SnapshotTaker(Access(device), album.take, schedule, quality=quality).run()


def take_one(camera: SimulatedCamera, quality: Quality = Quality.HD) -> Keyframe:
    album = Album()
    report = take(make_device(camera), album, quality=quality)
    assert (report.error, report.count) == (None, 1)
    (keyframe,) = album.keyframes
    return keyframe


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("device_version", [31, CLEAR_VERSION], ids=["encrypted", "clear"])
@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
def test_it_is_the_first_keyframe_with_its_parameter_sets(
    codec: Codec, device_version: int, quality: Quality
) -> None:
    with open_camera(codec=codec, device_version=device_version, audio=None) as camera:
        keyframe = take_one(camera, quality)
        first = list_sent(camera)[0]
    assert (keyframe.codec, split_units(codec, keyframe.data)) == (codec, first)
    assert PARAMETER_SET_TYPES[codec] <= {nal_type(codec, nal[0]) for nal in first}
    unit = classify_access_unit(keyframe.data, None)
    assert unit
    assert unit.is_keyframe
    assert keyframe.taken_at.tzinfo


def test_the_log_in_that_worked_is_told() -> None:
    with open_camera() as camera:
        report = take(make_device(camera), Album())
    assert report.device.login_variant


def test_a_new_viewer_does_not_wait_for_the_next_keyframe() -> None:
    """Cameras begin with one; half of the interval is room for a slow machine."""
    with open_camera(pace=Pace.CAMERA, gop_s=LONG_GOP_S, loop_s=LONG_GOP_S) as camera:
        assert take_one(camera).waited_s < LONG_GOP_S / 2


@pytest.mark.parametrize(
    "fault", ["start-on-p-frame", "missing-frame", "missing-fragment", "wrong-magic", "half-header"]
)
def test_when_the_first_keyframe_does_not_come_whole_it_is_the_next(fault: str) -> None:
    with open_camera(fault, audio=None) as camera:
        keyframe = take_one(camera)
        sent = list_sent(camera)
    assert split_units(Codec.H264, keyframe.data) in sent


def test_when_a_keyframe_cannot_be_decoded_it_is_the_next() -> None:
    album = Album(refuse=lambda number: number <= 2)
    with open_camera() as camera:
        report = take(make_device(camera), album)
    assert (report.error, report.count, album.seen) == (None, 1, 3)


def test_when_none_can_be_decoded_it_gives_up() -> None:
    album = Album(refuse=lambda _: True)
    with open_camera() as camera:
        report = take(make_device(camera), album)
    assert (type(report.error), report.count) == (MediaError, 0)
    assert album.seen == snapshot_room.MAX_BROKEN


def test_one_break_before_the_picture_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_room, "FIRST_RETRY_S", 0.01)
    with open_camera("hang-up@frame:0*1") as camera:
        take_one(camera)
    with open_camera("hang-up@frame:0") as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        report = take(make_device(camera), Album())
    assert type(report.error) is NetworkError
    assert len(watch.requests) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("wrong-password", CredentialsRefused), ("busy", CameraBusy)],
)
def test_a_refusal_is_final(
    fault: str, kind: type[V380Error], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_camera(fault) as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        report = take(make_device(camera), Album(), Schedule(every_s=0.1))
    assert type(report.error) is kind
    assert len({bytes(request.encode()) for request in watch.requests}) == len(watch.requests)


def test_a_camera_that_sends_no_keyframe_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot_room, "KEYFRAME_TIMEOUT_S", 0.5)
    with open_camera("start-on-p-frame", pace=Pace.CAMERA, gop_s=20.0, loop_s=20.0) as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        report = take(make_device(camera), Album())
    assert type(report.error) is NetworkTimeout
    assert len(watch.requests) == 1


def test_a_camera_that_is_off() -> None:
    device = Device(device_id=5, host="127.0.0.1", port=find_closed_port())
    report = take(device, Album())
    assert (type(report.error), report.count) == (PortShut, 0)


def test_a_camera_with_a_new_address_is_found() -> None:
    with open_camera() as camera:
        right = make_device(camera)
        wrong = replace(right, port=find_closed_port())
        album = Album()
        report = SnapshotTaker(Access(wrong, search=lambda _: right), album.take, ONE).run()
    assert (report.error, report.device.port, len(album.keyframes)) == (None, right.port, 1)


def test_a_search_that_fails_does_not_hide_the_failure() -> None:
    def find_again(_: Device) -> Device:
        raise CameraNotFound("nobody answers")

    device = Device(device_id=5, host="127.0.0.1", port=find_closed_port())
    report = SnapshotTaker(Access(device, search=find_again), Album().take, ONE).run()
    assert type(report.error) is PortShut


# -- time lapse ------------------------------------------------------------------------------


def test_pictures_keep_to_ticks_of_one_origin_over_one_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is the first keyframe after its tick, so never later than one interval of them."""
    album = Album()
    with open_camera(pace=Pace.CAMERA, gop_s=0.2, loop_s=1.2) as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        report = take(make_device(camera), album, Schedule(every_s=0.5, count=4))
    assert (report.error, report.count, len(watch.requests)) == (None, 4, 1)
    dues = [k.taken_at.timestamp() - k.waited_s for k in album.keyframes]
    steps = [(after - before) / 0.5 for before, after in pairwise(dues)]
    assert steps == pytest.approx([round(step) for step in steps], abs=0.1)
    assert min(steps) > 0.9
    assert len({k.data for k in album.keyframes}) > 1


def test_between_rare_pictures_the_link_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_room, "LINK_KEPT_S", 0.01)
    with open_camera() as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        report = take(make_device(camera), Album(), Schedule(every_s=0.2, count=3))
    assert (report.error, report.count, len(watch.requests)) == (None, 3, 3)


def test_more_often_than_keyframes_is_each_keyframe() -> None:
    album = Album()
    with open_camera(audio=None) as camera:
        report = take(make_device(camera), album, Schedule(every_s=1e-9, count=5))
        sent = list_sent(camera)
    taken = [split_units(Codec.H264, keyframe.data) for keyframe in album.keyframes]
    assert report.count == 5
    assert taken == sent[:: round(SMALL.gop_s * SMALL.fps)][:5]


def test_a_lost_link_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_room, "FIRST_RETRY_S", 0.01)
    with open_camera("hang-up@0.5s*2", pace=Pace.CAMERA) as camera:
        watch = LoginWatch().attach(camera, monkeypatch)
        report = take(make_device(camera), Album(), Schedule(every_s=0.3, count=6))
    assert (report.error, report.count, len(watch.requests)) == (None, 6, 3)


def test_the_duration_ends_it() -> None:
    with open_camera(pace=Pace.CAMERA) as camera:
        report = take(make_device(camera), Album(), Schedule(every_s=60.0, duration_s=0.5))
    assert (report.error, report.count) == (None, 1)


def test_a_full_disk_ends_it() -> None:
    def fail(_: Keyframe) -> None:
        raise StorageError("no space left")

    with open_camera() as camera:
        taker = SnapshotTaker(Access(make_device(camera)), fail, Schedule(every_s=0.1))
        report = taker.run()
    assert type(report.error) is StorageError


@pytest.mark.parametrize("kept_s", [3600.0, 60.0], ids=["linked", "between links"])
def test_stop_ends_it_at_once(kept_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_room, "LINK_KEPT_S", kept_s)
    album = Album()
    reports: list[SnapshotReport] = []
    with open_camera(pace=Pace.CAMERA) as camera:
        taker = SnapshotTaker(Access(make_device(camera)), album.take, Schedule(every_s=1800))
        thread = threading.Thread(target=lambda: reports.append(taker.run()))
        thread.start()
        wait_until(lambda: len(album.keyframes) == 1)
        taker.stop()
        thread.join(TIMEOUT_S)
    assert not thread.is_alive()
    assert (reports[0].error, reports[0].count) == (None, 1)


def test_stop_while_the_camera_is_gone() -> None:
    album = Album()
    reports: list[SnapshotReport] = []
    with Simulator([replace(SMALL, pace=Pace.CAMERA)], discovery=None) as simulator:
        device = make_device(simulator.cameras[0])
        taker = SnapshotTaker(Access(device), album.take, Schedule(every_s=0.3))
        thread = threading.Thread(target=lambda: reports.append(taker.run()))
        thread.start()
        wait_until(lambda: len(album.keyframes) == 1)
    taker.stop()
    thread.join(TIMEOUT_S)
    assert not thread.is_alive()
    assert reports[0].error is None


def test_two_cameras_do_not_share_anything() -> None:
    with open_cameras(SMALL, replace(SMALL, device_id=11, codec=Codec.HEVC)) as cameras:
        codecs = [take_one(camera).codec for camera in cameras]
    assert codecs == [Codec.H264, Codec.HEVC]
