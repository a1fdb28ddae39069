"""RTSP and ONVIF of a simulated camera, beside its private protocol."""

import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Self

from v380cli.commands import _console
from v380cli.commands.serve.on_demand import OnDemandStream
from v380cli.commands.serve.opening import make_recorder
from v380cli.models import Device, Quality, Via
from v380cli.net.rtsp_server import RtspServer
from v380cli.simulator.onvif import OnvifDesk, OnvifServer

if TYPE_CHECKING:
    from v380cli.simulator.firmware import SimulatedCamera
    from v380cli.simulator.server import Simulator

PATHS = {"live/ch00_1": Quality.HD, "live/ch00_0": Quality.SD}
USUAL_PORT = 554
TICK_S = 0.25


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


def run_second_road(
    simulator: "Simulator", duration_s: float | None, rtsp: int | None, onvif: int | None
) -> None:
    """Serve the first camera by RTSP and ONVIF until the time is over or a signal comes."""
    end_s = time.monotonic() + (duration_s or float("inf"))
    with SecondRoad(simulator.cameras[0], rtsp_port=rtsp, onvif_port=onvif) as road:
        if road.rtsp_url:
            _console.talk(f"by RTSP: {road.rtsp_url}")
        while simulator.is_running and (left_s := end_s - time.monotonic()) > 0:
            simulator.wait(min(TICK_S, left_s))
            road.tick()
