"""Who is asked, over which sockets and how often (PROTOCOL.md, sections 1a and 2)."""

import ipaddress
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from v380cli.net.datagram import Datagram, DatagramLoop, Packet, is_port_taken, resolve_host
from v380cli.net.interfaces import Interface, list_interfaces
from v380cli.wire import discovery, onvif

# With the start-up of the program, one run ends within two seconds.
DEFAULT_TIMEOUT_S = 1.7

LIMITED_BROADCAST = "255.255.255.255"
LOOPBACK_LISTENERS = ("127.0.0.1", "127.255.255.255")  # the second hears what is broadcast there
HOTSPOT_ADDRESSES = ("192.168.1.1", "192.168.123.1")
MAX_SUSPECTS = 64  # devices of unknown make that are asked by unicast in one round


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The UDP ports of both sides; tests choose others."""

    probe: int = discovery.PROBE_PORT
    reply: int = discovery.REPLY_PORT
    multicast: int = discovery.MULTICAST_PORT
    hotspot: int = discovery.HOTSPOT_PORT
    onvif: int = onvif.ONVIF_PORT


class Target(NamedTuple):
    """A host to ask by unicast; `port` picks one of several cameras there, 0 takes them all."""

    host: str
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverOptions:
    """Whom to ask, and when to stop.

    `interfaces` None means all; loopback is one of these only while something listens on the
    probe port of this machine, as a simulator does. `timeout_s` None means until stopped. `count`
    ends the run as soon as so many were seen; with `device_ids` only these are shown, and the
    last of them ends it. A `watch` forgets who does not answer any more. `passive` sends nothing.
    `strangers`: ONVIF devices too that are no V380 cameras.
    """

    timeout_s: float | None = DEFAULT_TIMEOUT_S
    interfaces: tuple[str, ...] | None = None
    targets: tuple[Target, ...] = ()
    device_ids: frozenset[int] = frozenset()
    count: int = 0
    watch: bool = False
    passive: bool = False
    hotspot: bool = False
    strangers: bool = False
    ports: Ports = field(default_factory=Ports)


class Prober:
    """The sockets of one run, and what is sent from them."""

    def __init__(self, loop: DatagramLoop, options: DiscoverOptions) -> None:
        """Open the sockets; what cannot be opened is a warning of the loop."""
        self._loop = loop
        self._options = options
        self._ports = options.ports
        self._targets = self._resolve_targets()
        self._with_loopback = options.interfaces is None and is_port_taken(self._ports.probe)
        self._interfaces: list[Interface] = []
        self._message_id, self._message_second = "", -1
        self.tried: dict[str, None] = {}
        self.refresh_interfaces()
        self.is_listening = all(
            loop.open_listener(self._ports.reply, address) for address in self._list_listeners()
        )
        if not options.passive and options.targets:
            loop.open_sender(None)
        if options.hotspot:
            loop.open_sender(None, self._ports.hotspot)

    def refresh_interfaces(self) -> None:
        """Follow interfaces that came, went or changed their address."""
        chosen = [entry for entry in list_interfaces() if self._is_chosen(entry)]
        self.tried.update(dict.fromkeys(entry.name for entry in chosen))
        for name in self._options.interfaces or ():
            if name not in self.tried:
                self._loop.warn(f"{name}: there is no such interface with an IPv4 address")
        if self._options.passive:
            self._interfaces = chosen
            return
        for gone in set(self._interfaces) - set(chosen):
            self._loop.close_sender(gone)
        for entry in chosen:
            self._loop.open_sender(entry)
        self._interfaces = chosen

    def send_round(self, second: int, suspects: Iterable[str]) -> None:
        """Ask everyone once; rounds of the same second are repeats to who speaks ONVIF.

        `suspects` are addresses that may be cameras and are asked by unicast.
        """
        if self._options.passive:
            return
        if second != self._message_second:
            self._message_id, self._message_second = f"urn:uuid:{uuid.uuid4()}", second
        for interface in self._interfaces:
            self._loop.send(interface, self._plan_broadcast(interface))
        for address in self._targets:
            self._loop.send(None, self._plan_unicast(address))
        suspects = list(suspects)[:MAX_SUSPECTS]
        if suspects:
            self._loop.open_sender(None)
        for address in suspects:
            self._loop.send(None, _plan_probes([(address, self._ports.probe)]))
        if self._options.hotspot:
            hosts = [*self._targets, *self._list_hotspots()]
            plan = _plan_probes((host, self._ports.hotspot) for host in hosts)
            self._loop.send(None, plan, self._ports.hotspot)

    def is_expected(self, datagram: Datagram) -> bool:
        """Whether it came over an interface, or from an address, that the run is about."""
        if self._options.interfaces is None:
            return True
        return datagram.interface in self.tried or datagram.sender in self._targets

    def is_wanted(self, address: str, port: int) -> bool:
        """Whether a camera of this address and command port was asked for."""
        ports = self._targets.get(address) or {0}
        return 0 in ports or port in ports

    def _plan_broadcast(self, interface: Interface) -> Iterator[Packet]:
        if interface.is_loopback:
            yield from _plan_probes([(interface.broadcast, self._ports.probe)])
            return
        places = [(LIMITED_BROADCAST, self._ports.probe)]
        if interface.broadcast:
            places.append((interface.broadcast, self._ports.probe))
        places.append((discovery.MULTICAST_GROUP, self._ports.multicast))
        yield from _plan_probes(places)
        yield self._make_onvif_packet(onvif.ONVIF_GROUP)

    def _plan_unicast(self, address: str) -> Iterator[Packet]:
        yield from _plan_probes([(address, self._ports.probe)])
        yield self._make_onvif_packet(address)

    def _make_onvif_packet(self, address: str) -> Packet:
        return Packet(onvif.encode_onvif_probe(self._message_id), address, self._ports.onvif)

    def _resolve_targets(self) -> dict[str, set[int]]:
        """The command ports that are asked for at each address."""
        found: dict[str, set[int]] = {}
        for target in self._options.targets:
            try:
                found.setdefault(resolve_host(target.host), set()).add(target.port)
            except OSError:
                self._loop.warn(f"{target.host}: there is no such host with an IPv4 address")
        return found

    def _is_chosen(self, entry: Interface) -> bool:
        if self._options.interfaces is None:
            return self._with_loopback or not entry.is_loopback
        return entry.name in self._options.interfaces

    def _list_listeners(self) -> tuple[str, ...]:
        """The addresses to listen on: a run about loopback alone is not open to the network."""
        hosts = [*self._targets, *(entry.address for entry in self._interfaces)]
        is_local = self._options.interfaces is not None and all(map(is_loopback, hosts))
        return LOOPBACK_LISTENERS if is_local else ("",)

    def _list_hotspots(self) -> list[str]:
        """The addresses a hotspot camera can have on our networks: we do not ask beyond them."""
        networks = [entry.network for entry in self._interfaces]
        return [
            host
            for host in HOTSPOT_ADDRESSES
            if any(ipaddress.IPv4Address(host) in network for network in networks)
        ]


def is_loopback(host: str) -> bool:
    """Whether a host is an address of this machine's loopback network, or its usual name."""
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _plan_probes(places: Iterable[tuple[str, int]]) -> Iterator[Packet]:
    for address, port in places:
        for kind in ("NVDEVSEARCH", "LVDEVSEARCH"):
            yield Packet(discovery.encode_probe(kind), address, port)
