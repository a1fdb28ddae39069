"""`serve` from its ports to its end."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from v380cli.camera.fleet import TICK_S
from v380cli.commands import _console
from v380cli.commands._metrics import serve_metrics
from v380cli.commands._on_demand import OnDemandStream
from v380cli.commands._serving_address import Address, format_host
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.commands.serve.streams import ServedCamera, find_stream, list_pages, render_metrics
from v380cli.models import Quality
from v380cli.net.http_access import AccessRules
from v380cli.net.rtsp_server import RtspServer
from v380cli.wire.rtsp.digest import Credentials

if TYPE_CHECKING:
    from v380cli.net.http_server import HttpServer


@dataclass(frozen=True, slots=True, kw_only=True)
class ServePlan:
    """Where to serve, and to whom."""

    rtsp: Address
    http: Address | None = None
    metrics: Address | None = None
    credentials: Credentials | None = None
    json: bool = False


def serve_cameras(cameras: Sequence[ServedCamera], plan: ServePlan) -> int:
    """Serve until a signal comes; returns its exit code. NetworkError when a port is taken."""
    streams = [stream for camera in cameras for stream in camera.streams.values()]
    with ExitStack() as stack:
        rtsp = stack.enter_context(
            RtspServer(partial(find_stream, cameras), *plan.rtsp, plan.credentials)
        )
        http = plan.http and stack.enter_context(_open_http(cameras, plan.http, plan.credentials))
        announce(
            cameras,
            plan,
            plan.rtsp._replace(port=rtsp.port),
            plan.http._replace(port=http.port) if plan.http and http else None,
        )
        stack.enter_context(serve_metrics(plan.metrics, partial(render_metrics, cameras)))
        try:
            return _wait(streams)
        finally:
            for stream in streams:
                stream.stop()
            for stream in streams:
                stream.join()


def _open_http(
    cameras: Sequence[ServedCamera], where: Address, credentials: Credentials | None
) -> "HttpServer":
    from v380cli.net.http_server import HttpServer  # aiohttp takes its time

    return HttpServer(list_pages(cameras), make_rules(where.host, credentials), where.port)


def make_rules(host: str, credentials: Credentials | None) -> AccessRules:
    """Whoever may have the RTSP streams may see the pages."""
    if credentials is None:
        return AccessRules(host=host)
    return AccessRules(host=host, token=credentials.password, username=credentials.username)


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


def announce(
    cameras: Sequence[ServedCamera], plan: ServePlan, rtsp: Address, http: Address | None
) -> None:
    """Say where to look."""
    documents = [_describe(camera, rtsp, http) for camera in cameras]
    if plan.json:
        _console.print_json_line(documents)
        return
    for document in documents:
        _console.talk(f"{document['device']}: {document['rtsp']['hd']}")
    if http:
        _console.talk(f"all of them in a browser: {_format_url('http', http)}/")
    tell_how_to_stop()


def _describe(camera: ServedCamera, rtsp: Address, http: Address | None) -> dict[str, Any]:
    stream = f"{_format_url('rtsp', rtsp)}/{quote(camera.slug)}"
    return {
        "device": camera.device.label,
        "id": camera.device.device_id,
        "rtsp": {Quality.HD: stream, Quality.SD: f"{stream}/sd"},
        "http": f"{_format_url('http', http)}/{quote(camera.slug)}/" if http else None,
    }


def _format_url(scheme: str, where: Address) -> str:
    return f"{scheme}://{format_host(where.host)}:{where.port}"
