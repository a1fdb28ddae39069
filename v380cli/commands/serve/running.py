"""`serve` from its ports to its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import quote

from v380cli.camera.fleet import TICK_S
from v380cli.commands import _console
from v380cli.commands._serving_address import Address, format_host
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.commands.serve.on_demand import OnDemandStream
from v380cli.commands.serve.streams import ServedCamera, find_stream
from v380cli.models import Quality
from v380cli.net.rtsp_server import RtspServer
from v380cli.wire.rtsp.digest import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class ServePlan:
    """Where to serve, and to whom."""

    rtsp: Address
    credentials: Credentials | None = None
    json: bool = False


def serve_cameras(cameras: Sequence[ServedCamera], plan: ServePlan) -> int:
    """Serve until a signal comes; returns its exit code. NetworkError when a port is taken."""
    with RtspServer(
        lambda path: find_stream(cameras, path), *plan.rtsp, plan.credentials
    ) as server:
        streams = [stream for camera in cameras for stream in camera.streams.values()]
        announce(cameras, Address(plan.rtsp.host, server.port), plan)
        try:
            return _wait(streams)
        finally:
            for stream in streams:
                stream.stop()
            for stream in streams:
                stream.join()


def _wait(streams: Sequence[OnDemandStream]) -> int:
    """Keep the streams as they are wanted until a signal comes."""
    inbox: SimpleQueue[None] = SimpleQueue()  # its put is safe in a signal handler
    with stop_on_signals(lambda: inbox.put(None)) as caught:
        while not caught.exit_code:
            for stream in streams:
                stream.tick()
            try:
                inbox.get(timeout=TICK_S)
            except Empty:
                continue
    return caught.exit_code


def announce(cameras: Sequence[ServedCamera], rtsp: Address, plan: ServePlan) -> None:
    """Say where to look."""
    documents = [_describe(camera, rtsp) for camera in cameras]
    if plan.json:
        _console.print_json_line(documents)
        return
    for document in documents:
        _console.talk(f"{document['device']}: {document['rtsp']['hd']}")
    tell_how_to_stop()


def _describe(camera: ServedCamera, rtsp: Address) -> dict[str, Any]:
    base = f"rtsp://{format_host(rtsp.host)}:{rtsp.port}/{quote(camera.slug)}"
    return {
        "device": camera.device.label,
        "id": camera.device.device_id,
        "rtsp": {Quality.HD: base, Quality.SD: f"{base}/sd"},
        "http": None,
    }
