"""What is learnt of the road on which a camera was reached."""

import pytest

from v380cli.camera import roads
from v380cli.camera.access import Access
from v380cli.camera.roads import Roads
from v380cli.camera.transport import LiveLink
from v380cli.errors import NetworkError, NetworkTimeout, PortShut, UnsupportedFirmware, V380Error
from v380cli.models import Device, Quality, Via

URLS = {Quality.HD: "rtsp://camera/live/ch00_1", Quality.SD: "rtsp://camera/live/ch00_0"}


class Link:
    """Stands for an open stream."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.via = Via.RTSP


class Failing:
    """The private protocol of a camera that does not have it, or not now."""

    def __init__(self, error: V380Error) -> None:
        self._error = error

    def open_live(self, *_: object, **__: object) -> LiveLink:
        raise self._error


class FakeRtsp:
    def open_live(self, _: Access, *, quality: Quality, **__: object) -> Link:
        return Link(URLS[quality])


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Access:
    monkeypatch.setattr(roads, "LAN", Failing(PortShut("the port is shut")))
    monkeypatch.setattr("v380cli.camera.rtsp.Rtsp", FakeRtsp)
    return Access(Device(device_id=1, host="camera"), transport=Roads(Via.AUTO))


@pytest.mark.parametrize("first", Quality)
def test_the_address_that_is_learnt_is_that_of_the_fine_stream(
    access: Access, first: Quality
) -> None:
    access.open_live(quality=first)
    assert access.device.learnt_via is Via.RTSP
    access.open_live(quality=Quality.SD)
    assert access.device.rtsp_url == (URLS[Quality.HD] if first is Quality.HD else "")


@pytest.mark.parametrize(
    ("error", "learnt"),
    [
        (PortShut("nothing listens"), Via.RTSP),
        (UnsupportedFirmware("another protocol"), Via.RTSP),
        (NetworkTimeout("no answer"), None),
        (NetworkError("hung up"), None),
    ],
)
def test_a_road_that_may_be_good_the_next_time_is_not_given_up(
    access: Access, error: V380Error, learnt: Via | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "LAN", Failing(error))
    assert access.open_live().via is Via.RTSP
    assert access.device.learnt_via is learnt


def test_a_coarse_stream_that_stands_for_the_fine_one_is_not_learnt(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(URLS, Quality.HD, URLS[Quality.SD])
    access.open_live(quality=Quality.HD)
    assert access.device.rtsp_url == ""
