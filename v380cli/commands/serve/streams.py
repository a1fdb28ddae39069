"""The streams of `serve` and their names."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from v380cli.commands._on_demand import OnDemandStream, make_recorder
from v380cli.models import Device, Quality
from v380cli.work import metrics
from v380cli.work.stream_names import name_streams


class ServedCamera(NamedTuple):
    """A camera, what it is called in addresses, and its two streams."""

    device: Device
    slug: str
    streams: dict[Quality, OnDemandStream]


def list_cameras(
    devices: Sequence[Device], *, audio: bool, is_always: bool, takes_orders: bool = True
) -> list[ServedCamera]:
    """The cameras to be served; with `is_always` their main streams stay open."""
    cameras = []
    for slug, device in name_streams(devices).items():
        streams = {
            quality: OnDemandStream(
                device,
                partial(make_recorder, quality=quality, audio=audio),
                is_always=is_always and quality is (device.quality or Quality.HD),
                takes_orders=takes_orders,
            )
            for quality in Quality
        }
        cameras.append(ServedCamera(device, slug, streams))
    return cameras


def find_stream(cameras: Sequence[ServedCamera], path: str) -> OnDemandStream | None:
    """The stream at `NAME` or `NAME/sd`."""
    slug, _, quality = path.partition("/")
    camera = next((camera for camera in cameras if camera.slug == slug), None)
    if camera is None or quality not in ("", *Quality):
        return None
    return camera.streams[Quality(quality) if quality else Quality.HD]


def render_metrics(cameras: Sequence[ServedCamera]) -> bytes:
    """How the streams do, as Prometheus reads it."""
    return metrics.render(
        stream.read(quality) for camera in cameras for quality, stream in camera.streams.items()
    )


def list_pages(cameras: Sequence[ServedCamera]) -> dict[str, OnDemandStream]:
    """The streams by their paths in a browser: `/NAME/` and `/NAME/sd/`."""
    return {
        f"/{camera.slug}/" if quality is Quality.HD else f"/{camera.slug}/{quality}/": stream
        for camera in cameras
        for quality, stream in camera.streams.items()
    }
