"""A capture from its packets to what was said: the door of this room."""

import datetime as dt
import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from v380cli.explain.capture_file import RawPacket
from v380cli.explain.conversation import Conversation, Told
from v380cli.explain.datagrams import DatagramReader
from v380cli.explain.description import Describer, Description, Unknown
from v380cli.explain.ip_fragments import IpFragments
from v380cli.explain.packets import Datagram, Endpoint, Segment, Unreadable, decode_packet
from v380cli.explain.reassembly import Begun, Ended, Finished, Lost, Reassembler, Said, TcpEvent
from v380cli.models import DEFAULT_PORT
from v380cli.redaction import Redactor
from v380cli.wire.layout import Message
from v380cli.wire.smartlink import PORT as SMARTLINK_PORT

# A connection that has said nothing of ours by then, on a port that is not ours, is a stranger's.
MAX_STRANGE_BYTES = 1 << 18
MAX_STRANGE_TURNS = 8
DAY_S = 86_400
LOST_FRAGMENTS = "of their fragments some are missing"
EVERYBODY = "255.255.255.255"


@dataclass(frozen=True, slots=True)
class Event:
    """What one side said to the other; `offset`s of datagrams in text count fields."""

    time: dt.datetime
    source: str
    target: str
    direction: str
    message: str
    opcode: int | None
    fields: dict[str, Any]
    unknown: list[Unknown]
    problems: list[str]
    size: int
    connection: int = 0
    data: bytes | None = None
    layout: type[Message] | None = None

    def to_json(self) -> dict[str, Any]:
        """As `v380 capture explain --json` shows it."""
        return {
            "time": self.time,
            "from": self.source,
            "to": self.target,
            "direction": self.direction,
            "message": self.message,
            "opcode": self.opcode,
            "fields": self.fields,
            "unknown": [
                {"offset": each.offset, "bytes": each.size, "value": each.shown}
                for each in self.unknown
            ],
            "bytes": self.size,
            "problems": self.problems,
            "connection": self.connection or None,
        }


@dataclass(slots=True)
class _Talk:
    """A connection under way."""

    number: int
    client: Endpoint
    camera: Endpoint
    conversation: Conversation
    is_whole: bool
    is_ours: bool
    bytes: int = 0
    waiting: list[Told] = field(default_factory=list)


class Explainer:
    """Packets in, events out, one after another; without a redactor everything is told.

    `ports` are where cameras listen; `with_frames` tells frames one by one, blanked. Of a redacted
        capture times tell the day, and what passed since it began.
    """

    def __init__(
        self,
        redactor: Redactor | None,
        *,
        ports: Iterable[int] = (DEFAULT_PORT,),
        with_frames: bool = False,
    ) -> None:
        self.packets = 0
        self.unreadable: Counter[str] = Counter()
        self.other_datagrams = 0
        self.other_connections = 0
        self.retransmitted = self.reordered = 0
        self.begun_before = 0  # connections of which the capture lacks the beginning
        self._redactor = redactor
        self._describer = Describer(redactor)
        self._ports = frozenset(ports)
        self._with_frames = with_frames
        self._fragments = IpFragments()
        self._tcp = Reassembler(self._ports)
        self._datagrams = DatagramReader(self._describer)
        self._talks: dict[int, _Talk] = {}
        self._first_s: float | None = None

    def explain(self, packets: Iterable[RawPacket]) -> Iterator[Event]:
        """All that the packets say, as soon as it is known."""
        for packet in packets:
            yield from self.receive(packet)
        yield from self.finish()

    def receive(self, packet: RawPacket) -> Iterator[Event]:
        """What a packet completes."""
        self.packets += 1
        if self._first_s is None:
            self._first_s = packet.time_s
        try:
            carried = decode_packet(packet.link, packet.data, self._fragments)
        except Unreadable as reason:
            self.unreadable[str(reason)] += 1
            return
        if isinstance(carried, Segment):
            for event in self._tcp.receive(carried, packet.time_s):
                yield from self._follow(event)
        elif carried:
            yield from self._read_datagram(carried, packet.time_s)

    def finish(self) -> Iterator[Event]:
        """There are no more packets."""
        self._fragments.flush()
        if self._fragments.given_up:
            self.unreadable[LOST_FRAGMENTS] += self._fragments.given_up
        for event in self._tcp.flush():
            yield from self._follow(event)

    # TCP ------------------------------------------------------------------------------------

    def _follow(self, event: TcpEvent) -> Iterator[Event]:
        if isinstance(event, Begun):
            conversation = Conversation(
                self._describer, is_whole=event.is_whole, with_frames=self._with_frames
            )
            is_ours = bool({event.client.port, event.server.port} & self._ports)
            self._talks[event.connection] = _Talk(
                event.connection, event.client, event.server, conversation, event.is_whole, is_ours
            )
            return
        talk = self._talks.get(event.connection)
        if talk is None:
            return
        match event:
            case Said():
                talk.bytes += len(event.data)
                talk.conversation.receive(event.from_server, event.data, event.time_s)
            case Lost():
                talk.conversation.lose(event.from_server, event.size, event.time_s)
            case Finished():
                talk.conversation.end_turns()
            case Ended():
                talk.conversation.finish()
        yield from self._take_told(talk)
        if isinstance(event, Ended):
            self._end(talk, event)

    def _take_told(self, talk: _Talk) -> Iterator[Event]:
        """What was said, once it is known that the connection is one of ours."""
        while told := talk.conversation.next_told():
            talk.waiting.append(told)
        talk.is_ours = talk.is_ours or talk.conversation.has_messages
        if talk.is_ours:
            told_now, talk.waiting = talk.waiting, []
            yield from (self._make_event(talk, each) for each in told_now)
        elif talk.bytes > MAX_STRANGE_BYTES or len(talk.waiting) > MAX_STRANGE_TURNS:
            self.other_connections += 1
            del self._talks[talk.number]

    def _end(self, talk: _Talk, ended: Ended) -> None:
        if self._talks.pop(talk.number, None) is None:
            return
        if not talk.is_ours:
            self.other_connections += 1
            return
        self.begun_before += not talk.is_whole
        self.retransmitted += ended.retransmitted
        self.reordered += ended.reordered

    def _make_event(self, talk: _Talk, said: Told) -> Event:
        ends = (talk.camera, talk.client) if said.from_camera else (talk.client, talk.camera)
        return Event(
            time=self._tell_time(said.time_s),
            source=self._tell_end(ends[0]),
            target=self._tell_end(ends[1]),
            direction="from-camera" if said.from_camera else "to-camera",
            message=said.name,
            opcode=said.number,
            fields=said.told.fields,
            unknown=said.told.unknown,
            problems=said.told.problems,
            size=said.size,
            connection=talk.number,
            data=said.data,
            layout=said.layout,
        )

    # UDP ------------------------------------------------------------------------------------

    def _read_datagram(self, datagram: Datagram, time_s: float) -> Iterator[Event]:
        is_ours = datagram.target.port == SMARTLINK_PORT
        for name, told in self._datagrams.read(datagram):
            is_ours = True
            yield self._make_datagram_event(datagram, time_s, name, told)
        self.other_datagrams += not is_ours

    def _make_datagram_event(
        self, datagram: Datagram, time_s: float, name: str, told: Description
    ) -> Event:
        # the addresses of SmartLink are what it says
        target = "multicast" if name == "smartlink" else self._tell_end(datagram.target)
        return Event(
            time=self._tell_time(time_s),
            source=self._tell_end(datagram.source),
            target=target,
            direction="from-camera" if name == "beacon" else "to-camera",
            message=name,
            opcode=None,
            fields=told.fields,
            unknown=told.unknown,
            problems=told.problems,
            size=len(datagram.payload),
        )

    # What is a person's ---------------------------------------------------------------------

    def _tell_end(self, end: Endpoint) -> str:
        address = ipaddress.ip_address(end.host)
        is_nobodys = address.is_multicast or address.is_loopback or end.host == EVERYBODY
        if self._redactor is None or (address.version == 4 and is_nobodys):
            return str(end)
        return str(Endpoint(self._redactor.replace("address", end.host), end.port))

    def _tell_time(self, time_s: float) -> dt.datetime:
        first_s = self._first_s or 0.0
        if self._redactor is not None:
            time_s = first_s // DAY_S * DAY_S + max(0.0, time_s - first_s)
        try:
            return dt.datetime.fromtimestamp(time_s, dt.UTC)
        except (OverflowError, ValueError, OSError):
            return dt.datetime.fromtimestamp(0, dt.UTC)
