"""A capture without a person in it: what was said, said again by two hosts that nobody has.

Messages are blanked, streams keep the types and sizes of their parts, and TCP is made anew. What is
neither is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from v380cli.explain.blanking import blank_message, stand_in_number, stand_in_text
from v380cli.explain.capture_file import RawPacket
from v380cli.explain.conversation import END, FRAME, RECORDED_FRAME
from v380cli.explain.explainer import Event, Explainer
from v380cli.explain.packets import (
    ACK,
    FIN,
    LINK_ETHERNET,
    PSH,
    SYN,
    Datagram,
    Endpoint,
    Segment,
    encode_datagram,
    encode_segment,
)
from v380cli.models import Beacon
from v380cli.redaction import Redactor
from v380cli.wire.discovery import encode_beacon, encode_probe
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import FRAME_HEADER

SEGMENT_BYTES = 1400
FRAGMENT_BYTES = 500  # those of old cameras; how they were cut is not kept


@dataclass(slots=True)
class Line:
    """A TCP connection that is made up; it numbers what both ends say."""

    client: Endpoint
    camera: Endpoint
    said: dict[bool, int] = field(default_factory=lambda: {False: 1000, True: 2000})

    def open(self) -> Iterator[Segment]:
        """The handshake."""
        yield self._make(False, SYN)
        self.said[False] += 1
        yield self._make(True, SYN | ACK)
        self.said[True] += 1
        yield self._make(False, ACK)

    def say(self, from_camera: bool, data: bytes) -> Iterator[Segment]:
        """The segments that carry these bytes."""
        for start in range(0, len(data), SEGMENT_BYTES):
            piece = data[start : start + SEGMENT_BYTES]
            yield self._make(from_camera, PSH | ACK, piece)
            self.said[from_camera] += len(piece)

    def close(self) -> Iterator[Segment]:
        """Both ends hang up."""
        yield self._make(False, FIN | ACK)
        self.said[False] += 1
        yield self._make(True, FIN | ACK)

    def _make(self, from_camera: bool, flags: int, payload: bytes = b"") -> Segment:
        ends = (self.camera, self.client) if from_camera else (self.client, self.camera)
        acknowledged = self.said[not from_camera] if flags & ACK else 0
        return Segment(*ends, self.said[from_camera], acknowledged, flags, payload)


class CaptureRedactor:
    """Packets in, packets out that may be shown to anybody."""

    def __init__(self, redactor: Redactor, *, ports: Iterable[int]) -> None:
        self._redactor = redactor
        self._explainer = Explainer(redactor, ports=ports, with_frames=True)
        self._lines: dict[int, Line] = {}
        self._number = 0

    def receive(self, packet: RawPacket) -> Iterator[RawPacket]:
        """What may be shown of what this packet completes."""
        for event in self._explainer.receive(packet):
            yield from self._tell(event)

    def finish(self) -> Iterator[RawPacket]:
        """There are no more packets."""
        for event in self._explainer.finish():
            yield from self._tell(event)

    def _tell(self, event: Event) -> Iterator[RawPacket]:
        time_s = event.time.timestamp()
        if not event.connection:
            if datagram := _make_datagram(event):
                yield self._make_packet(time_s, encode_datagram(datagram, self._count()))
        elif event.message == END:
            if line := self._lines.pop(event.connection, None):
                for segment in line.close():
                    yield self._make_packet(time_s, encode_segment(segment, self._count()))
        elif event.data is not None:
            for segment in self._say(event, self._blank(event, event.data)):
                yield self._make_packet(time_s, encode_segment(segment, self._count()))

    def _blank(self, event: Event, data: bytes) -> bytes:
        if event.message == FRAME:
            frame_type = FRAME_HEADER.unpack_from(data)[1]
            return encode_fragments(data, frame_type & 0xFF, FRAGMENT_BYTES)
        if event.message == RECORDED_FRAME:
            return data
        return blank_message(event.layout, data, self._redactor)

    def _say(self, event: Event, data: bytes) -> Iterator[Segment]:
        from_camera = event.direction == "from-camera"
        line = self._lines.get(event.connection)
        if line is None:
            ends = _read_end(event.target), _read_end(event.source)
            line = Line(*(ends if from_camera else ends[::-1]))
            self._lines[event.connection] = line
            yield from line.open()
        yield from line.say(from_camera, data)

    def _make_packet(self, time_s: float, frame: bytes) -> RawPacket:
        return RawPacket(time_s, LINK_ETHERNET, frame)

    def _count(self) -> int:
        self._number += 1
        return self._number


def _read_end(text: str) -> Endpoint:
    """The stand-in of an end as events tell it: `address-1:8800`."""
    host, _, port = text.rpartition(":")
    return Endpoint(stand_in_text(host.strip("[]")), int(port))


def _make_datagram(event: Event) -> Datagram | None:
    """Discovery once more, by what the event tells of it."""
    if event.message not in ("beacon", "probe"):
        return None
    told: dict[str, Any] = {name: _stand_in(name, each) for name, each in event.fields.items()}
    if event.message == "probe":
        payload = encode_probe(told["kind"], str(told.get("device_id") or ""))
    else:
        payload = encode_beacon(Beacon(**told))
    return Datagram(_read_end(event.source), _read_end(event.target), payload)


def _stand_in(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name == "device_id":
        return stand_in_number(value)
    return stand_in_text(value).encode("ascii", "replace").decode("ascii")
