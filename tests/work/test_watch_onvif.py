"""What a camera tells by ONVIF becomes events."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.commands.recording_lab import wait_until
from tests.work.watching_lab import Listener, running
from v380cli.camera.onvif import OnvifClient
from v380cli.errors import UnsupportedFirmware, V380Error
from v380cli.models import Device
from v380cli.simulator.onvif import OnvifDesk, OnvifServer
from v380cli.simulator.onvif_extras import OnvifExtras
from v380cli.work.watch.events import EventName
from v380cli.work.watch.onvif import OnvifWatch
from v380cli.work.watch.plan import WatchPlan
from v380cli.work.watch.source import Source

DEVICE = Device(host="127.0.0.1", device_id=12345678)
PLAN = WatchPlan(source=Source.ONVIF)


@pytest.fixture
def desk() -> OnvifDesk:
    return OnvifDesk(DEVICE.device_id, extras=OnvifExtras())


@pytest.fixture
def server(desk: OnvifDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnvifServer]:
    find = OnvifClient.open
    with OnvifServer(desk, "127.0.0.1", 0) as server:
        monkeypatch.setattr(OnvifClient, "open", lambda access: find(access, (server.port,)))
        yield server


@pytest.mark.usefixtures("server")
def test_motion_begins_and_ends(desk: OnvifDesk) -> None:
    assert desk.extras
    told = Listener()
    desk.extras.notice_motion(False, is_initial=True)
    desk.extras.notice_motion(True)
    with running(OnvifWatch(DEVICE, PLAN, told, None)) as results:
        told.wait_for(EventName.MOTION_START)
        desk.extras.notice_motion(False)
        end = told.wait_for(EventName.MOTION_END)
    assert told.names == [EventName.MOTION_START, EventName.MOTION_END]
    assert (end.source, end.key) == ("onvif", told.events[0].key)
    assert results[0].error is None


def test_a_camera_that_comes_back_is_listened_to_again(
    desk: OnvifDesk, server: OnvifServer
) -> None:
    assert desk.extras
    told = Listener()
    desk.extras.notice_motion(True)
    with running(OnvifWatch(DEVICE, PLAN, told, None)):
        told.wait_for(EventName.MOTION_START)
        server.close()
        told.wait_for(EventName.CAMERA_LOST)
        told.wait_for(EventName.MOTION_END)
        desk.extras.notice_motion(True)
        with OnvifServer(desk, "127.0.0.1", server.port):
            told.wait_for(EventName.CAMERA_BACK)
            wait_until(lambda: told.names.count(EventName.MOTION_START) == 2)


def test_a_camera_without_events_says_so(desk: OnvifDesk, server: OnvifServer) -> None:
    desk.extras = None
    told = Listener()
    watch = OnvifWatch(DEVICE, PLAN, told, None)
    assert isinstance(watch.run().error, UnsupportedFirmware)
    assert told.events == []


def test_a_camera_that_was_away_all_the_time_is_an_error(
    desk: OnvifDesk, server: OnvifServer
) -> None:
    server.close()
    told = Listener()
    watch = OnvifWatch(DEVICE, replace(PLAN, duration_s=0.1), told, None)
    assert isinstance(watch.run().error, V380Error)
    assert told.names == [EventName.CAMERA_LOST]
