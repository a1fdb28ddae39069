"""Find every camera on every interface, or one of them."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from v380cli.camera.prober import (
    DEFAULT_TIMEOUT_S,
    DiscoverOptions,
    Ports,
    Prober,
    Target,
    is_loopback,
)
from v380cli.camera.sightings import Registry, Sighting
from v380cli.errors import NetworkError
from v380cli.net.datagram import DatagramLoop

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "Change",
    "ChangeKind",
    "DiscoverOptions",
    "DiscoverResult",
    "Ports",
    "Sighting",
    "Target",
    "discover",
    "find_beacon",
]

FAST_ROUND_S, SLOW_ROUND_S, FAST_FOR_S = 0.25, 1.0, 1.0
# Five rounds without an answer; Wi-Fi loses two in a row now and then.
DEPARTED_AFTER_S = 5.0
STOP_POLL_S = 0.1


class ChangeKind(StrEnum):
    """What happened to a camera."""

    ARRIVED = "arrived"
    CHANGED = "changed"
    MOVED = "moved"
    DEPARTED = "departed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event of a run; `previous_ip` is where a camera that moved was before."""

    kind: ChangeKind
    sighting: Sighting
    previous_ip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverResult:
    """Who was seen, in a stable order; what did not work; the interfaces that were tried."""

    sightings: tuple[Sighting, ...]
    warnings: tuple[str, ...]
    interfaces_tried: tuple[str, ...]


def discover(
    options: DiscoverOptions,
    *,
    on_change: Callable[[Change], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> DiscoverResult:
    """Ask and listen until the options, or `stop`, say that it is enough.

    `on_change` is told each event as it happens. What fails on one interface is a warning;
    NetworkError only when a passive run cannot listen.
    """
    return _run(options, on_change, stop, lambda sightings: _is_enough(options, sightings))


def find_beacon(
    *,
    device_id: int = 0,
    mac: str = "",
    host: str = "",
    port: int = 0,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    interfaces: tuple[str, ...] | None = None,
    ports: Ports | None = None,
    stop: Callable[[], bool] | None = None,
) -> Sighting | None:
    """Find one camera and return as soon as it answers; None when it does not.

    An id or MAC is looked for on all interfaces, because the address may be out of date. A host
    without them, and any host on loopback, is asked by unicast and nobody else is.
    """

    def is_it(sighting: Sighting) -> bool:
        has_id = device_id in (0, sighting.beacon.device_id)
        return sighting.is_v380 and has_id and mac in ("", sighting.beacon.mac)

    unicast_only = bool(host) and (is_loopback(host) or not (device_id or mac))
    options = DiscoverOptions(
        timeout_s=timeout_s,
        interfaces=() if unicast_only else interfaces,
        targets=(Target(host, port),) if host else (),
        ports=ports or Ports(),
    )
    result = _run(options, None, stop, lambda sightings: any(map(is_it, sightings)))
    return next(filter(is_it, result.sightings), None)


def _run(
    options: DiscoverOptions,
    on_change: Callable[[Change], None] | None,
    stop: Callable[[], bool] | None,
    is_enough: Callable[[Sequence[Sighting]], bool],
) -> DiscoverResult:
    started_s = next_round_s = time.monotonic()
    deadline_s = math.inf if options.timeout_s is None else started_s + options.timeout_s
    poll_s = STOP_POLL_S if stop else math.inf
    with DatagramLoop() as loop:
        survey = _Survey(loop, options, on_change)
        while (now_s := time.monotonic()) < deadline_s and not (stop and stop()):
            if now_s >= next_round_s:
                survey.start_round(now_s, started_s)
                next_round_s = now_s + _choose_pause(now_s - started_s)
            survey.receive(min(next_round_s, deadline_s, now_s + poll_s) - now_s)
            if is_enough(survey.sightings):
                break
        return survey.finish()


class _Survey:
    """One run: what was asked, what came back, and what has been told of it."""

    def __init__(
        self,
        loop: DatagramLoop,
        options: DiscoverOptions,
        on_change: Callable[[Change], None] | None,
    ) -> None:
        self._loop = loop
        self._options = options
        self._on_change = on_change
        self._registry = Registry()
        self._shown: dict[int, Sighting] = {}
        self._prober = Prober(loop, options)
        if options.passive and not self._prober.is_listening:
            raise NetworkError(loop.warnings[-1], hint="stop the other program, or do not --listen")

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """What has been told so far."""
        return tuple(self._shown.values())

    def start_round(self, now_s: float, started_s: float) -> None:
        """Ask again, and forget who has not answered for long."""
        if self._options.watch:
            self._prober.refresh_interfaces()
        self._prober.send_round(int(now_s - started_s), self._registry.list_unknown())
        self._registry.settle(now_s)
        if self._options.watch and not self._options.passive:
            self._registry.forget(now_s - DEPARTED_AFTER_S)
        self._publish(now_s)

    def receive(self, timeout_s: float) -> None:
        """Take in what comes, and tell what is new in it."""
        datagrams = self._loop.receive(timeout_s)
        now_s = time.monotonic()
        taken = [
            self._registry.add(datagram.payload, datagram.sender, datagram.interface, now_s)
            for datagram in datagrams
            if self._prober.is_expected(datagram)
        ]
        if any(taken):
            self._publish(now_s)

    def finish(self) -> DiscoverResult:
        """Tell what is left to tell, and sum up."""
        self._publish(math.inf)
        if self._registry.is_full:
            self._loop.warn("more cameras answered than one network can have: not all are shown")
        return DiscoverResult(
            sightings=self.sightings,
            warnings=self._loop.warnings,
            interfaces_tried=tuple(self._prober.tried),
        )

    def _publish(self, now_s: float) -> None:
        before = self._shown
        rows = self._registry.list_sightings(now_s)
        self._shown = {row.number: row for row in rows if self._is_asked_for(row)}
        if self._on_change is not None:
            for change in _list_changes(before, self._shown):
                self._on_change(change)

    def _is_asked_for(self, row: Sighting) -> bool:
        is_asked_for = self._prober.is_wanted(row.beacon.ip, row.beacon.port) and (
            not self._options.device_ids or row.beacon.device_id in self._options.device_ids
        )
        return is_asked_for and (row.is_v380 or self._options.strangers)


def _choose_pause(elapsed_s: float) -> float:
    """The time to the next round; half a round of slack keeps the count right on a slow machine."""
    return FAST_ROUND_S if elapsed_s < FAST_FOR_S - FAST_ROUND_S / 2 else SLOW_ROUND_S


def _is_enough(options: DiscoverOptions, sightings: Sequence[Sighting]) -> bool:
    cameras = {sighting.identity for sighting in sightings if sighting.is_v380}
    seen_ids = {device_id for device_id, _, _ in cameras}
    is_counted = 0 < options.count <= len(cameras)
    return is_counted or bool(options.device_ids and options.device_ids <= seen_ids)


def _list_changes(
    before: Mapping[int, Sighting], after: Mapping[int, Sighting]
) -> Iterator[Change]:
    for number, now in after.items():
        was = before.get(number)
        if was is None:
            yield Change(kind=ChangeKind.ARRIVED, sighting=now)
        elif was.beacon.ip != now.beacon.ip:
            yield Change(kind=ChangeKind.MOVED, sighting=now, previous_ip=was.beacon.ip)
        elif replace(was, last_seen_s=now.last_seen_s) != now:
            yield Change(kind=ChangeKind.CHANGED, sighting=now)
    for number, was in before.items():
        if number not in after:
            yield Change(kind=ChangeKind.DEPARTED, sighting=was)
