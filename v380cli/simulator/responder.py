"""Answers discovery probes for the simulated cameras (PROTOCOL.md, section 2)."""

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from v380cli.errors import NetworkError
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.wire import discovery

PROBE_MAX_BYTES = 2048
LOOPBACK_BROADCAST, LAN_BROADCAST = "127.255.255.255", "255.255.255.255"
WILDCARD = "0.0.0.0"  # noqa: S104  only compared with: listening there is the user's choice


class AnswerTo(StrEnum):
    """Where a camera sends its beacon; firmware differs."""

    REPLY_PORT = "reply-port"  # the prober's address, port 10009
    SENDER = "sender"  # where the probe came from
    BROADCAST = "broadcast"  # everyone, port 10009


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySpec:
    """How the cameras answer; tests choose other ports."""

    probe_port: int = discovery.PROBE_PORT
    reply_port: int = discovery.REPLY_PORT
    multicast_port: int = discovery.MULTICAST_PORT
    hotspot_port: int = discovery.HOTSPOT_PORT
    answer_to: AnswerTo = AnswerTo.REPLY_PORT


class Responder:
    """Sockets that hear probes, and the cameras that answer on each.

    Cameras on loopback hear their own address and the loopback broadcast. Others hear all
    addresses of the machine and the multicast group. A camera that is a hotspot hears nothing but
    the port of hotspots at its own address.
    """

    def __init__(self, cameras: Sequence[SimulatedCamera], spec: DiscoverySpec) -> None:
        self._cameras = cameras
        self._spec = spec
        self._audiences: dict[socket.socket, list[SimulatedCamera]] = {}
        self._mouths: dict[str, socket.socket] = {}  # by the home of the camera that speaks
        self._hotspots: set[socket.socket] = set()

    @property
    def sockets(self) -> list[socket.socket]:
        """What to wait for; give each to `answer` when it is readable."""
        return list(self._audiences)

    def open(self) -> None:
        """Listen; NetworkError when that is not possible."""
        local = [camera for camera in self._cameras if is_loopback(camera.radio.home_host)]
        others = [camera for camera in self._cameras if camera not in local]
        for host in sorted({camera.radio.home_host for camera in local}):
            audience = [camera for camera in local if camera.radio.home_host == host]
            self._mouths[host] = self._listen(host, self._spec.probe_port, audience)
        if local:
            self._listen(LOOPBACK_BROADCAST, self._spec.probe_port, local)
        if others:
            everywhere = self._listen("", self._spec.probe_port, others)
            self._mouths |= {camera.radio.home_host: everywhere for camera in others}
            self._join_multicast(others)
        self._open_hotspots([camera for camera in self._cameras if camera.radio.is_hotspot])

    def _open_hotspots(self, cameras: Sequence[SimulatedCamera]) -> None:
        for host in sorted({camera.spec.host for camera in cameras}):
            audience = [camera for camera in cameras if camera.spec.host == host]
            self._hotspots.add(self._listen(host, self._spec.hotspot_port, audience))

    def close(self) -> None:
        """Stop listening; may be called twice."""
        for sock in self._audiences:
            sock.close()
        self._audiences.clear()
        self._hotspots.clear()

    def answer(self, sock: socket.socket) -> None:
        """Answer the probe that waits on a socket."""
        try:
            data, prober = sock.recvfrom(PROBE_MAX_BYTES)
        except OSError:  # what Linux reports here is an earlier answer that reached nobody
            return
        probe = discovery.decode_probe(data)
        if not probe:
            return
        is_group = probe.kind == "NVGROUPSEARCH"
        for camera in self._audiences[sock]:
            is_here = camera.radio.is_hotspot == (sock in self._hotspots)
            is_meant = not is_group or probe.extra == str(camera.spec.device_id)
            # a prober out of reach does not trouble the camera
            with contextlib.suppress(OSError):
                if is_here and is_meant and _is_in_network(camera, prober):
                    self._send_beacon(sock, camera, probe, prober)

    def _send_beacon(
        self,
        ear: socket.socket,
        camera: SimulatedCamera,
        probe: discovery.Probe,
        prober: tuple[str, int],
    ) -> None:
        ip = camera.host if camera.host != WILDCARD else _find_local_address(prober)
        beacon = camera.make_beacon(probe.answer_kind, ip)
        is_hotspot = ear in self._hotspots  # there the answer comes from the same socket (1a)
        mouth = ear if is_hotspot else self._mouths[camera.radio.home_host]
        target = prober if is_hotspot else self._choose_target(camera, prober)
        mouth.sendto(discovery.encode_beacon(beacon), target)

    def _choose_target(self, camera: SimulatedCamera, prober: tuple[str, int]) -> tuple[str, int]:
        match self._spec.answer_to:
            case AnswerTo.SENDER:
                return prober
            case AnswerTo.REPLY_PORT:
                return prober[0], self._spec.reply_port
            case AnswerTo.BROADCAST:
                everyone = LOOPBACK_BROADCAST if is_loopback(camera.host) else LAN_BROADCAST
                return everyone, self._spec.reply_port

    def _listen(self, host: str, port: int, audience: list[SimulatedCamera]) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audiences[sock] = audience
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            raise NetworkError(f"cannot listen on UDP port {port}: {error.strerror}") from error
        return sock

    def _join_multicast(self, cameras: list[SimulatedCamera]) -> None:
        sock = self._listen("", self._spec.multicast_port, cameras)
        group = socket.inet_aton(discovery.MULTICAST_GROUP)
        for interface in _list_memberships({camera.radio.home_host for camera in cameras}):
            with contextlib.suppress(OSError):  # no multicast on that interface: probes still come
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + interface)


def _list_memberships(hosts: set[str]) -> list[bytes]:
    """The rest of a `struct ip_mreqn` for each interface: by address, or by number for all."""
    if WILDCARD in hosts:
        return [struct.pack("4xi", number) for number, _name in socket.if_nameindex()]
    return [socket.inet_aton(host) + bytes(4) for host in hosts]


def _is_in_network(camera: SimulatedCamera, prober: tuple[str, int]) -> bool:
    """Whether a prober is where a camera is: one out of the box has been in two networks."""
    if camera.spec.hotspot is None or is_loopback(camera.host or WILDCARD):
        return bool(camera.host)
    return camera.host == _find_local_address(prober)


def is_loopback(host: str) -> bool:
    """Whether nobody outside can reach this IPv4 address."""
    return ipaddress.IPv4Address(host).is_loopback


def _find_local_address(prober: tuple[str, int]) -> str:
    """Our address on the way to the prober; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(prober)
        return str(sock.getsockname()[0])
