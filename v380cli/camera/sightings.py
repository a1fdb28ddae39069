"""Who was seen: answers of any kind become one row for each camera and interface.

Pure: datagrams and the time are passed in. Nothing that an answer says is taken for true but that
it came from its sender's address; answers that contradict each other stay rows of their own.
"""

import ipaddress
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from v380cli.errors import RemoteProtocolError
from v380cli.models import DEFAULT_PORT, Beacon
from v380cli.wire.discovery import decode_beacon
from v380cli.wire.onvif import OnvifAnswer, decode_onvif_answer

# As many as a /22 has hosts, the largest network of a home or shop: a flood of made-up cameras
# ends here, and earlier from one address, which may be a simulator of many.
MAX_ROWS = 1024
MAX_ROWS_PER_ADDRESS = 256

# A camera that answers from another address, the old one being silent for two rounds of probes,
# has moved; should the old one answer after all, two cameras claim to be the same.
MOVED_AFTER_S = 2.0
# What answers ONVIF is asked four times whether it is a V380 camera before it counts as none.
ONVIF_SETTLE_S = 1.0

ANSWER_NAMES = {
    "NVDEVRESULT": "nvdev",
    "LVDEVRESULT": "lvdev",
    "NVSEARCHRESULT": "group",
    "NVR": "nvr",
}
ONVIF = "onvif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A camera as one interface sees it; `number` stays the same as long as it is seen.

    `beacon.ip` is the address that its answers come from, the one to use. `claimed_ip` is what it
    says, which may be stale, or a lie. `conflict`: another row says that it has the same id or
    MAC, but is elsewhere or differs in the other. `also_on`: the other interfaces that see this
    very camera. `device_version` is known of those only that do not answer discovery. Times are
    monotonic seconds.
    """

    number: int
    beacon: Beacon
    interface: str
    claimed_ip: str = ""
    answered_by: frozenset[str] = frozenset()
    is_v380: bool = True
    conflict: bool = False
    also_on: tuple[str, ...] = ()
    first_seen_s: float = 0.0
    last_seen_s: float = 0.0
    device_version: int = 0

    @property
    def is_address_as_claimed(self) -> bool:
        return self.claimed_ip in ("", self.beacon.ip)

    @property
    def sort_key(self) -> tuple[bool, int, int, str, int]:
        """V380 before others, then by id and address."""
        address = int(ipaddress.IPv4Address(self.beacon.ip))
        return (not self.is_v380, self.beacon.device_id, address, self.interface, self.number)

    @property
    def identity(self) -> tuple[int, str, str]:
        """The same for one camera on several interfaces."""
        return (self.beacon.device_id, self.beacon.mac, self.beacon.ip)


@dataclass(slots=True, eq=False)
class _Row:
    number: int
    beacon: Beacon
    interface: str
    claimed_ip: str
    answered_by: set[str]
    first_seen_s: float
    last_seen_s: float
    former: "_Row | None" = None  # the same camera at another address, until it is clear which


@dataclass(slots=True)
class _OnvifRow:
    number: int
    answer: OnvifAnswer
    first_seen_s: float
    last_seen_s: float


@dataclass(slots=True)
class Registry:
    """Everything that answered; `is_full` tells that some of it was left out."""

    is_full: bool = False
    _rows: list[_Row] = field(default_factory=list)
    _by_place: dict[tuple[str, str], list[_Row]] = field(default_factory=lambda: defaultdict(list))
    _onvif: dict[tuple[str, str], _OnvifRow] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def add(self, payload: bytes, sender: str, interface: str, now_s: float) -> bool:
        """Note an answer; False for other bytes."""
        try:
            if payload.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
                self._add_onvif(decode_onvif_answer(payload), (interface, sender), now_s)
            else:
                self._add_beacon(decode_beacon(payload), (interface, sender), now_s)
        except RemoteProtocolError:
            return False
        return True

    def settle(self, now_s: float) -> None:
        """Decide whether cameras that answer from another address have moved."""
        for row in list(self._rows):
            if row.former is None:
                continue
            if row.former not in self._rows or row.former.last_seen_s > row.first_seen_s:
                row.former = None
            elif now_s - row.former.last_seen_s >= MOVED_AFTER_S:
                self._take_out(row.former)
                row.number, row.first_seen_s = row.former.number, row.former.first_seen_s
                row.former = None

    def forget(self, before_s: float) -> None:
        """Drop what was last seen before a time."""
        for row in [row for row in self._rows if row.last_seen_s < before_s]:
            self._take_out(row)
        self._onvif = {
            place: row for place, row in self._onvif.items() if row.last_seen_s >= before_s
        }

    def list_sightings(self, now_s: float = math.inf) -> list[Sighting]:
        """The rows in a stable order, each ONVIF device joined to its camera where it has one.

        Left out is what is not settled yet at `now_s`.
        """
        rows = [row for row in self._rows if row.former is None or now_s == math.inf]
        places = _list_onvif_names(self._onvif)
        left = {
            place: row
            for place, row in self._onvif.items()
            if now_s - row.first_seen_s >= ONVIF_SETTLE_S
        }
        sightings = []
        for row in rows:
            place = _find_onvif(row, places)
            left.pop(place or ("", ""), None)
            sightings.append(_make_sighting(row, has_onvif=place is not None))
        sightings += [_make_onvif_sighting(row, *place) for place, row in left.items()]
        return sorted(_mark_claims(sightings), key=lambda sighting: sighting.sort_key)

    def list_unknown(self) -> list[str]:
        """The addresses of ONVIF devices that may be V380 cameras or not."""
        places = _list_onvif_names(self._onvif)
        known = {_find_onvif(row, places) for row in self._rows}
        return [place[1] for place in self._onvif if place not in known]

    def _add_beacon(self, beacon: Beacon, place: tuple[str, str], now_s: float) -> None:
        claimed_ip, beacon = beacon.ip, replace(beacon, ip=place[1])
        row = self._find(beacon, place)
        if row is None:
            neighbours = self._by_place.get(place, ())
            if len(self._rows) >= MAX_ROWS or len(neighbours) >= MAX_ROWS_PER_ADDRESS:
                self.is_full = True
                return
            row = _Row(next(self._numbers), beacon, place[0], "", set(), now_s, now_s)
            row.former = self._find_former(row)
            self._rows.append(row)
            self._by_place[place].append(row)
        row.beacon = _merge(row.beacon, beacon)
        row.claimed_ip = claimed_ip or row.claimed_ip
        row.answered_by.add(ANSWER_NAMES[beacon.kind])
        row.last_seen_s = now_s

    def _add_onvif(self, answer: OnvifAnswer, place: tuple[str, str], now_s: float) -> None:
        row = self._onvif.get(place)
        if row is not None:
            row.answer, row.last_seen_s = answer, now_s
        elif len(self._onvif) < MAX_ROWS:
            self._onvif[place] = _OnvifRow(next(self._numbers), answer, now_s, now_s)
        else:
            self.is_full = True

    def _find(self, beacon: Beacon, place: tuple[str, str]) -> _Row | None:
        rows = self._by_place.get(place, ())
        return next((row for row in rows if _can_be_same(row.beacon, beacon)), None)

    def _find_former(self, row: _Row) -> _Row | None:
        """The row that has the same id and MAC at another address, the latest if there are two."""
        identity = (row.interface, row.beacon.device_id, row.beacon.mac)
        rivals = [
            other
            for other in (self._rows if any(identity[1:]) else ())
            if (other.interface, other.beacon.device_id, other.beacon.mac) == identity
        ]
        return max(rivals, key=lambda other: other.last_seen_s, default=None)

    def _take_out(self, row: _Row) -> None:
        self._rows.remove(row)
        neighbours = self._by_place[row.interface, row.beacon.ip]
        neighbours.remove(row)
        if not neighbours:
            del self._by_place[row.interface, row.beacon.ip]


def _can_be_same(one: Beacon, other: Beacon) -> bool:
    """Whether two answers from one address do not contradict each other."""
    return _agree(one.device_id, other.device_id) and _agree(one.mac, other.mac)


def _agree(one: object, other: object) -> bool:
    return one == other or not one or not other


def _merge(old: Beacon, new: Beacon) -> Beacon:
    """The newest word of each field; another kind of answer only adds what was not known.

    A camera answers NVDEVSEARCH and LVDEVSEARCH in turn: its row must not flicker between them.
    """
    is_repeat = old.kind == new.kind
    first, second = (new, old) if is_repeat else (old, new)
    return replace(
        first,
        device_id=first.device_id or second.device_id,
        mac=first.mac or second.mac,
        netmask=first.netmask or second.netmask,
        gateway=first.gateway or second.gateway,
        port=first.port if is_repeat or first.port != DEFAULT_PORT else second.port,
        version=first.version or second.version,
    )


def _list_onvif_names(
    rows: dict[tuple[str, str], _OnvifRow],
) -> dict[tuple[str, str], tuple[str, str]]:
    """Where each ONVIF device is, by interface and MAC or address; what it claims counts less."""
    claims = {
        (place[0], name): place
        for place, row in rows.items()
        for name in (*row.answer.addresses, *row.answer.macs)
    }
    return claims | {place: place for place in rows}


def _find_onvif(
    row: _Row, places: dict[tuple[str, str], tuple[str, str]]
) -> tuple[str, str] | None:
    """Where the ONVIF device is that has the MAC or the address of a camera."""
    names = ((row.interface, row.beacon.mac), (row.interface, row.beacon.ip))
    return next((places[name] for name in names if name in places), None)


def _make_sighting(row: _Row, *, has_onvif: bool) -> Sighting:
    return Sighting(
        number=row.number,
        beacon=row.beacon,
        interface=row.interface,
        claimed_ip=row.claimed_ip,
        answered_by=frozenset(row.answered_by | ({ONVIF} if has_onvif else set())),
        first_seen_s=row.first_seen_s,
        last_seen_s=row.last_seen_s,
    )


def _make_onvif_sighting(row: _OnvifRow, interface: str, sender: str) -> Sighting:
    answer = row.answer
    return Sighting(
        number=row.number,
        beacon=Beacon(kind=ONVIF, device_id=0, ip=sender, mac=answer.mac, port=answer.port),
        interface=interface,
        claimed_ip="" if sender in answer.addresses else "".join(answer.addresses[:1]),
        answered_by=frozenset({ONVIF}),
        is_v380="v380" in f"{answer.name} {answer.hardware}".lower(),
        first_seen_s=row.first_seen_s,
        last_seen_s=row.last_seen_s,
    )


def _mark_claims(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """Fill in `conflict` and `also_on`, in time linear in the rows: a flood comes here too."""
    sightings = list(sightings)
    claims: dict[int | str, tuple[set[object], set[str]]] = defaultdict(lambda: (set(), set()))
    interfaces: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for sighting in sightings:
        device_id, mac, ip = sighting.identity
        interfaces[sighting.identity].append(sighting.interface)
        for name, other in ((device_id, mac), (mac, device_id)):
            claims[name][0].update({other} if other else ())
            claims[name][1].add(ip)
    for sighting in sightings:
        names = [name for name in sighting.identity[:2] if name]
        others = sorted(set(interfaces[sighting.identity]) - {sighting.interface})
        yield replace(
            sighting,
            conflict=any(len(claims[name][0]) > 1 or len(claims[name][1]) > 1 for name in names),
            also_on=tuple(others),
        )
