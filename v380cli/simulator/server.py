"""Runs simulated cameras: one thread, one `selectors` loop, however many there are."""

import contextlib
import math
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Self, cast

from v380cli.errors import NetworkError
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.connection import SEND_BUFFER_BYTES, Connection, State
from v380cli.simulator.ear import Ear
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.radio import Radio
from v380cli.simulator.responder import DiscoverySpec, Responder

DEFAULT_DISCOVERY = DiscoverySpec()
TICK_S = 0.01  # what is due within it goes out together: 64 cameras make 2000 frames a second
MAX_CONNECTIONS = 512
BACKLOG = 16

Handler = Callable[[socket.socket, int, float], None]  # the socket, its events, the time


class Simulator:
    """Cameras in software, running between `start` and `stop`, or inside a `with`; for one run.

    With `discovery` None no probe is answered. With `keep_sent` the cameras remember what they
    sent.
    """

    def __init__(
        self,
        specs: Sequence[CameraSpec],
        *,
        discovery: DiscoverySpec | None = DEFAULT_DISCOVERY,
        keep_sent: bool = False,
    ) -> None:
        self.cameras = [SimulatedCamera(spec, keep_sent=keep_sent) for spec in specs]
        self._responder = Responder(self.cameras, discovery) if discovery else None
        self._loop: _Loop | None = None
        self._is_interrupted = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Load the footage (seconds), then serve.

        MediaError for a file that cannot be played, NetworkError for an address that is taken.
        """
        loop = _Loop()
        try:
            for camera in self.cameras:
                loop.listen(camera)
            for camera in self.cameras:  # an address that is taken has been told by now
                camera.load()
            if self._responder:
                self._responder.open()
                loop.attend(self._responder)
            for interface, radios in self._list_ears().items():
                loop.lend(Ear(interface, radios))
        except BaseException:
            loop.close()
            self._close_responder()
            raise
        loop.start()
        self._loop = loop
        if self._is_interrupted:
            loop.interrupt()

    def wait(self, timeout_s: float | None = None) -> None:
        """Serve until the time is over, or until `interrupt`."""
        if self._loop:
            self._loop.wait(timeout_s)

    @property
    def is_running(self) -> bool:
        """Whether it serves, and was not interrupted."""
        return self._loop is not None and not self._is_interrupted

    def interrupt(self) -> None:
        """End `wait`, now or once it begins; takes no lock, so a signal handler may call it."""
        self._is_interrupted = True
        if self._loop:
            self._loop.interrupt()

    def stop(self) -> None:
        """Close everything and wait for the thread; raises what made it fail."""
        loop, self._loop = self._loop, None
        if loop:
            try:
                loop.stop()
            finally:
                self._close_responder()

    def _list_ears(self) -> dict[str, list[Radio]]:
        """The radios that hear SmartLink, by interface."""
        ears: dict[str, list[Radio]] = {}
        for camera in self.cameras:
            if camera.spec.hotspot and camera.spec.hotspot.smartlink_interface:
                ears.setdefault(camera.spec.hotspot.smartlink_interface, []).append(camera.radio)
        return ears

    def _close_responder(self) -> None:
        if self._responder:
            self._responder.close()


class _Loop:
    """The thread and its sockets."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections: list[Connection] = []
        self._places: dict[SimulatedCamera, set[str]] = {}  # where each has ever listened
        self._waker, wakened = socket.socketpair()
        self._register(wakened, lambda _sock, _events, _now: None)
        self._is_stopping = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="v380-simulator")

    def listen(self, camera: SimulatedCamera) -> None:
        """Open the camera's port, write it into `camera.port`, and open it in its later network."""
        self._places[camera] = {camera.spec.host, camera.radio.home_host}
        camera.port = self._listen_at(camera, camera.spec.host, camera.spec.port)
        if camera.radio.home_host != camera.spec.host:
            self._listen_at(camera, camera.radio.home_host, camera.port)

    def _follow(self, camera: SimulatedCamera) -> None:
        """Open the camera's port at an address that it was given as a setting.

        Where that is taken it answers nowhere, as a camera in a conflict of addresses does.
        """
        if camera.host and camera.host not in self._places[camera]:
            self._places[camera].add(camera.host)
            with contextlib.suppress(NetworkError):
                self._listen_at(camera, camera.host, camera.port)

    def _listen_at(self, camera: SimulatedCamera, host: str, port: int) -> int:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        try:
            sock.bind((host, port))
            sock.listen(BACKLOG)
        except OSError as error:
            sock.close()
            raise NetworkError(
                f"a camera cannot listen on {host}:{port}: {error.strerror}",
                hint="Choose another port.",
            ) from error
        self._register(sock, partial(self._accept, camera, host))
        return int(sock.getsockname()[1])

    def attend(self, responder: Responder) -> None:
        """Let it answer the probes that come to its sockets."""
        for sock in responder.sockets:
            self._register(sock, lambda sock, _events, _now: responder.answer(sock))

    def lend(self, ear: Ear) -> None:
        """Let it hear what comes to its socket."""
        self._register(ear.sock, lambda _sock, _events, _now: ear.hear())

    def start(self) -> None:
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        self._thread.join(timeout_s)

    def interrupt(self) -> None:
        self._is_stopping = True
        self._waker.send(b"\0")

    def stop(self) -> None:
        self.interrupt()
        self._thread.join()
        self.close()
        if self._failure:
            raise self._failure

    def close(self) -> None:
        """Close every socket that was registered."""
        for connection in self._connections:
            connection.close()
        for key in self._selector.get_map().values():
            cast(socket.socket, key.fileobj).close()
        self._selector.close()
        self._waker.close()

    def _register(self, sock: socket.socket, handler: Handler) -> None:
        sock.setblocking(False)
        self._selector.register(sock, selectors.EVENT_READ, handler)

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._turn()
        except BaseException as error:  # a bug: `stop` raises it where it is seen
            self._failure = error

    def _turn(self) -> None:
        """Wait for the next event or moment, and do what it brings."""
        due = min((connection.due for connection in self._connections), default=math.inf)
        timeout_s = max(TICK_S, due - time.monotonic()) if due < math.inf else None
        ready = self._selector.select(timeout_s)
        now = time.monotonic()
        for key, events in ready:
            key.data(key.fileobj, events, now)
        for connection in self._connections:
            if connection.due <= now:
                connection.advance(now)
            self._listen_for(connection)
        self._drop_closed()
        for camera in self._places:
            self._follow(camera)

    def _accept(
        self, camera: SimulatedCamera, host: str, listener: socket.socket, _: int, now: float
    ) -> None:
        try:
            sock, _address = listener.accept()
        except OSError:  # it has gone before it was served
            return
        if len(self._connections) >= MAX_CONNECTIONS or camera.host != host:
            sock.close()
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock, camera, now)
        self._connections.append(connection)
        self._register(sock, lambda _sock, events, now: connection.advance(now, events))

    def _listen_for(self, connection: Connection) -> None:
        key = self._selector.get_key(connection.sock)
        if key.events != connection.events:
            self._selector.modify(connection.sock, connection.events, key.data)

    def _drop_closed(self) -> None:
        """Only here do sockets close: a number that is used again would be registered twice."""
        closed = [c for c in self._connections if c.state is State.CLOSED]
        for connection in closed:
            self._connections.remove(connection)
            self._selector.unregister(connection.sock)
            connection.sock.close()
