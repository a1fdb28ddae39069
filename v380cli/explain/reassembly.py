"""TCP put together again: what each side said, in order, and what the capture lost of it.

Loss is what the capture does not have. A retransmission fills a hole; a hole that is acknowledged
by the other side, or that too much is waiting behind, is given up and told.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from v380cli.explain.packets import ACK, FIN, RST, SYN, Endpoint, Segment

# What waits behind a hole: more than a TCP window of a camera, less than the memory of a Pi.
MAX_WAITING_BYTES = 1 << 20
MAX_WAITING_SEGMENTS = 4096
MAX_ALL_WAITING_BYTES = 64 << 20
MAX_CONNECTIONS = 4096  # then the one that was silent for longest counts as ended
MAX_ENDED = 1024  # of which what is late is known
SEQUENCE_SPACE = 1 << 32
HALF_SPACE = 1 << 31


@dataclass(frozen=True, slots=True)
class Said:
    """Bytes of one side, in order."""

    connection: int
    time_s: float
    from_server: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """Bytes of one side that the capture does not have."""

    connection: int
    time_s: float
    from_server: bool
    size: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A connection; `is_whole` when the capture has its beginning."""

    connection: int
    time_s: float
    client: Endpoint
    server: Endpoint
    is_whole: bool


class EndKind(Enum):
    """How a connection ended, as far as the capture has it."""

    CLOSED = auto()
    RESET = auto()
    OPEN = auto()  # when the capture ended, or when nothing was heard of it for too long


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a connection, and what TCP had to repair in it."""

    connection: int
    time_s: float
    kind: EndKind
    retransmitted: int
    reordered: int


@dataclass(frozen=True, slots=True)
class Finished:
    """One side has said all that it has to say, and has heard what the other one said."""

    connection: int
    time_s: float


TcpEvent = Begun | Said | Lost | Finished | Ended


@dataclass(slots=True)
class _Side:
    """What one side has said so far."""

    expected: int = -1  # the sequence number of the next byte; -1 before anything came
    waiting: dict[int, bytes] = field(default_factory=dict)
    waiting_bytes: int = 0
    retransmitted: int = 0
    reordered: int = 0
    is_finished: bool = False


@dataclass(slots=True)
class _Connection:
    number: int
    server: Endpoint
    sides: tuple[_Side, _Side] = field(default_factory=lambda: (_Side(), _Side()))
    time_s: float = 0.0


class Reassembler:
    """Segments in, events out. Memory: `MAX_ALL_WAITING_BYTES` and `MAX_CONNECTIONS`.

    `server_ports` tell who is the server where the capture lacks the beginning.
    """

    def __init__(self, server_ports: frozenset[int]) -> None:
        self._server_ports = server_ports
        self._connections: OrderedDict[frozenset[Endpoint], _Connection] = OrderedDict()
        self._ended: OrderedDict[frozenset[Endpoint], _Connection] = OrderedDict()
        self._count = 0
        self._waiting_bytes = 0

    def receive(self, segment: Segment, time_s: float) -> Iterator[TcpEvent]:
        """Take a segment."""
        key = frozenset((segment.source, segment.target))
        connection = self._connections.get(key)
        if connection and _begins_anew(connection, segment):
            yield from self._end(key, EndKind.OPEN)
            connection = None
        if connection is None:
            if segment.flags & RST or not (segment.payload or segment.flags & SYN):
                return
            if self._is_late(key, segment):
                return
            connection = self._open(key, segment)
            yield _describe_beginning(connection, segment, time_s)
            if len(self._connections) > MAX_CONNECTIONS:
                yield from self._end(next(iter(self._connections)), EndKind.OPEN)
        self._connections.move_to_end(key)
        connection.time_s = time_s
        yield from self._take(connection, segment)
        if segment.flags & RST or all(side.is_finished for side in connection.sides):
            yield from self._end(key, EndKind.RESET if segment.flags & RST else EndKind.CLOSED)

    def flush(self) -> Iterator[TcpEvent]:
        """The capture is over."""
        for key in list(self._connections):
            yield from self._end(key, EndKind.OPEN)

    def _is_late(self, key: frozenset[Endpoint], segment: Segment) -> bool:
        """Whether it says once more what was heard of a connection that has ended."""
        ended = self._ended.get(key)
        if ended is None or segment.flags & SYN:
            return False
        expected = ended.sides[segment.source == ended.server].expected
        stop = segment.sequence + len(segment.payload)
        return expected >= 0 and -MAX_WAITING_BYTES <= _distance(expected, stop) <= 0

    def _open(self, key: frozenset[Endpoint], segment: Segment) -> _Connection:
        self._count += 1
        connection = _Connection(self._count, self._find_server(segment))
        self._connections[key] = connection
        return connection

    def _find_server(self, segment: Segment) -> Endpoint:
        if segment.flags & SYN:
            return segment.source if segment.flags & ACK else segment.target
        if segment.source.port in self._server_ports:
            return segment.source
        if segment.target.port in self._server_ports:
            return segment.target
        return min(segment.source, segment.target, key=lambda end: end.port)

    def _take(self, connection: _Connection, segment: Segment) -> Iterator[TcpEvent]:
        from_server = segment.source == connection.server
        side, other = connection.sides[from_server], connection.sides[not from_server]
        if segment.flags & ACK and _is_acknowledged(other, segment.acknowledged):
            yield from self._give_up(connection, not from_server)
        start = segment.sequence + bool(segment.flags & SYN)
        if side.expected < 0:
            side.expected = start % SEQUENCE_SPACE
        self._store(side, _distance(side.expected, start), segment)
        yield from self._deliver(connection, from_server)
        if self._is_too_much(side):
            yield from self._give_up(connection, from_server)
        stop = start + len(segment.payload)
        if segment.missing and _distance(side.expected, stop) == 0:
            yield from self._lose(connection, from_server, segment.missing)
        if segment.flags & FIN:
            side.is_finished = True
            if not side.waiting and not other.waiting:
                yield Finished(connection.number, time_s=connection.time_s)

    def _is_too_much(self, side: _Side) -> bool:
        return (
            side.waiting_bytes > MAX_WAITING_BYTES
            or len(side.waiting) > MAX_WAITING_SEGMENTS
            or self._waiting_bytes > MAX_ALL_WAITING_BYTES
        )

    def _store(self, side: _Side, ahead: int, segment: Segment) -> None:
        """Keep what is new of a segment that begins so far ahead of what is expected."""
        payload = segment.payload
        if ahead < 0:
            side.retransmitted += bool(payload)
            payload, ahead = payload[-ahead:], 0
        if not payload:
            return
        side.reordered += ahead > 0
        place = (side.expected + ahead) % SEQUENCE_SPACE
        former = side.waiting.get(place, b"")
        if len(payload) > len(former):
            side.waiting[place] = payload
            self._note_waiting(side, len(payload) - len(former))

    def _deliver(self, connection: _Connection, from_server: bool) -> Iterator[TcpEvent]:
        side = connection.sides[from_server]
        while side.waiting:
            data = side.waiting.pop(side.expected, None)
            if data is None:
                place = _find_first(side)
                ahead = _distance(side.expected, place)
                if ahead > 0:
                    return
                whole = side.waiting.pop(place)  # it overlaps what has been delivered
                self._note_waiting(side, -len(whole))
                data = whole[-ahead:]
            else:
                self._note_waiting(side, -len(data))
            if data:
                side.expected = (side.expected + len(data)) % SEQUENCE_SPACE
                yield Said(connection.number, connection.time_s, from_server, data)

    def _give_up(self, connection: _Connection, from_server: bool) -> Iterator[TcpEvent]:
        """Do not wait any longer for the hole before what waits."""
        side = connection.sides[from_server]
        if side.waiting:
            missing = _distance(side.expected, _find_first(side))
            yield from self._lose(connection, from_server, missing)
            yield from self._deliver(connection, from_server)

    def _lose(self, connection: _Connection, from_server: bool, size: int) -> Iterator[TcpEvent]:
        side = connection.sides[from_server]
        side.expected = (side.expected + size) % SEQUENCE_SPACE
        yield Lost(connection.number, connection.time_s, from_server, size)

    def _end(self, key: frozenset[Endpoint], kind: EndKind) -> Iterator[TcpEvent]:
        connection = self._connections.pop(key)
        for from_server in (False, True):
            while connection.sides[from_server].waiting:
                yield from self._give_up(connection, from_server)
        self._ended[key] = connection
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)
        client, server = connection.sides
        yield Ended(
            connection.number,
            connection.time_s,
            kind,
            client.retransmitted + server.retransmitted,
            client.reordered + server.reordered,
        )

    def _note_waiting(self, side: _Side, change: int) -> None:
        side.waiting_bytes += change
        self._waiting_bytes += change


def _begins_anew(connection: _Connection, segment: Segment) -> bool:
    """Whether a SYN is that of another connection between the same ends."""
    if not segment.flags & SYN:
        return False
    side = connection.sides[segment.source == connection.server]
    return side.expected >= 0 and not (
        -MAX_WAITING_BYTES <= _distance(side.expected, segment.sequence + 1) <= 0
    )


def _is_acknowledged(side: _Side, acknowledged: int) -> bool:
    """Whether the other side has the bytes that are missing here."""
    return bool(side.waiting) and _distance(_find_first(side), acknowledged) > 0


def _find_first(side: _Side) -> int:
    return min(side.waiting, key=lambda place: _distance(side.expected, place))


def _distance(start: int, stop: int) -> int:
    """How far `stop` is behind `start` in a space that wraps around."""
    return (stop - start + HALF_SPACE) % SEQUENCE_SPACE - HALF_SPACE


def _describe_beginning(connection: _Connection, segment: Segment, time_s: float) -> Begun:
    ends = (segment.source, segment.target)
    client = next((end for end in ends if end != connection.server), connection.server)
    is_whole = bool(segment.flags & SYN)
    return Begun(connection.number, time_s, client, connection.server, is_whole)
