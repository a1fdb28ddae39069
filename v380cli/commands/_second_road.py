"""RTSP and ONVIF of simulated cameras, beside their private protocol."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

from v380cli.commands import _console
from v380cli.commands._on_demand import OnDemandStream, make_recorder
from v380cli.errors import InvalidInput
from v380cli.models import Device, Quality, Via
from v380cli.net.rtsp_server import RtspServer
from v380cli.simulator.onvif import OnvifDesk, OnvifServer

if TYPE_CHECKING:
    from v380cli.simulator.firmware import SimulatedCamera
    from v380cli.simulator.server import Simulator

PATHS = {"live/ch00_1": Quality.HD, "live/ch00_0": Quality.SD}
USUAL_PORT = 554
TICK_S = 0.25
MAX_PORT = 0xFFFF


def run_second_road(
    simulator: "Simulator", duration_s: float | None, rtsp_port: int | None, onvif_port: int | None
) -> None:
    """Serve the cameras until the time is over or a signal comes."""
    end_s = time.monotonic() + (duration_s or float("inf"))
    with open_roads(simulator.cameras, rtsp_port=rtsp_port, onvif_port=onvif_port) as roads:
        for camera, road in zip(simulator.cameras, roads, strict=True):
            if road.rtsp_url:
                _console.talk(f"{camera.spec.device_id} by RTSP: {road.rtsp_url}")
        while simulator.is_running and (left_s := end_s - time.monotonic()) > 0:
            simulator.wait(min(TICK_S, left_s))
            for road in roads:
                road.tick()


@contextmanager
def open_roads(
    cameras: "Sequence[SimulatedCamera]", *, rtsp_port: int | None, onvif_port: int | None
) -> "Iterator[list[SecondRoad]]":
    """Both servers of each camera: those of one host take ports that follow each other."""
    hosts: Counter[str] = Counter()
    with ExitStack() as stack:
        roads = []
        for camera in cameras:
            rtsp, onvif = (_move_port(port, hosts[camera.host]) for port in (rtsp_port, onvif_port))
            roads.append(stack.enter_context(SecondRoad(camera, rtsp_port=rtsp, onvif_port=onvif)))
            hosts[camera.host] += 1
        yield roads


def _move_port(port: int | None, number: int) -> int | None:
    """The port of the host's camera of this number, from 0; any free one stays so."""
    moved = port + number if port else port
    if moved and moved > MAX_PORT:
        raise InvalidInput(f"there is no port {moved} for another camera")
    return moved


class SecondRoad:
    """Both servers of one camera, inside a `with`; like real ones they ask for no password.

    A port of None is left out. `tick` is to be called often. NetworkError for a port that is taken.
    """

    def __init__(
        self, camera: "SimulatedCamera", *, rtsp_port: int | None, onvif_port: int | None
    ) -> None:
        self._camera = camera
        self._rtsp_port, self._onvif_port = rtsp_port, onvif_port
        self._stack = ExitStack()
        self._streams: dict[Quality, OnDemandStream] = {}
        self.rtsp_url = ""

    def tick(self) -> None:
        """Open and leave the streams as they are wanted."""
        for stream in self._streams.values():
            stream.tick()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._rtsp_port is not None:
                self._open_rtsp(stack, self._rtsp_port)
            if self._onvif_port is not None:
                self._open_onvif(stack, self._onvif_port)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open_rtsp(self, stack: ExitStack, port: int) -> None:
        spec = self._camera.spec
        device = Device(
            device_id=spec.device_id,
            host=self._camera.host,
            port=self._camera.port,
            username=spec.username,
            password=spec.password,
            via=Via.LAN,
        )
        for quality in Quality:
            opening = partial(make_recorder, quality=quality, audio=True)
            self._streams[quality] = OnDemandStream(device, opening, is_always=False)
        stack.callback(self._leave)
        server = stack.enter_context(RtspServer(self._find, self._camera.host, port))
        self.rtsp_url = f"rtsp://{self._format_place(server.port)}/live/ch00_1"

    def _open_onvif(self, stack: ExitStack, port: int) -> None:
        place = self._format_place(self._rtsp_port or USUAL_PORT)
        if self.rtsp_url:
            place = self.rtsp_url.removeprefix("rtsp://").partition("/")[0]
        desk = OnvifDesk(self._camera.spec.device_id, place)
        stack.enter_context(OnvifServer(desk, self._camera.host, port))

    def _format_place(self, port: int) -> str:
        """As real cameras say it: without the usual port."""
        return self._camera.host if port == USUAL_PORT else f"{self._camera.host}:{port}"

    def _find(self, path: str) -> OnDemandStream | None:
        quality = PATHS.get(path)
        return self._streams[quality] if quality else None

    def _leave(self) -> None:
        for stream in self._streams.values():
            stream.stop()
        for stream in self._streams.values():
            stream.join()
