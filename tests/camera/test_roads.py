"""What is learnt of the road on which a camera was reached."""

import pytest

from v380cli.camera import roads
from v380cli.camera.access import Access
from v380cli.camera.roads import Roads
from v380cli.camera.transport import LiveLink
from v380cli.errors import NetworkError
from v380cli.models import Device, Quality, Via

URLS = {Quality.HD: "rtsp://camera/live/ch00_1", Quality.SD: "rtsp://camera/live/ch00_0"}


class Link:
    """Stands for an open stream."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.via = Via.RTSP


class Shut:
    """The private protocol of a camera whose port is shut."""

    def open_live(self, *_: object, **__: object) -> LiveLink:
        raise NetworkError("the port is shut")


class FakeRtsp:
    def open_live(self, _: Access, *, quality: Quality, **__: object) -> Link:
        return Link(URLS[quality])


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Access:
    monkeypatch.setattr(roads, "LAN", Shut())
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
