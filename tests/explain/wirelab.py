"""Captures made up packet by packet: a conversation with a camera, as TCP carries it."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from v380cli.explain.capture_file import CaptureWriter, RawPacket
from v380cli.explain.explainer import Event, Explainer
from v380cli.explain.packets import (
    ACK,
    FIN,
    LINK_ETHERNET,
    PSH,
    SYN,
    Endpoint,
    Segment,
    encode_segment,
)
from v380cli.redaction import Redactor

CLIENT = Endpoint("192.168.1.20", 50_000)
CAMERA = Endpoint("192.168.1.50", 8800)
MSS = 1400


@dataclass
class Wire:
    """Says things for both sides and keeps the segments that this takes."""

    client: Endpoint = CLIENT
    camera: Endpoint = CAMERA
    mss: int = MSS
    segments: list[Segment] = field(default_factory=list)
    client_sequence: int = 0xFFFF_FF00  # so that it wraps around
    camera_sequence: int = 7000

    def open(self) -> "Wire":
        self._add(False, SYN)
        self.client_sequence += 1
        self._add(True, SYN | ACK)
        self.camera_sequence += 1
        self._add(False, ACK)
        return self

    def ask(self, data: bytes) -> "Wire":
        """Of the client."""
        return self._say(False, data)

    def answer(self, data: bytes) -> "Wire":
        """Of the camera."""
        return self._say(True, data)

    def close(self) -> "Wire":
        self._add(False, FIN | ACK)
        self._add(True, FIN | ACK)
        return self

    def _say(self, from_camera: bool, data: bytes) -> "Wire":
        for start in range(0, len(data), self.mss):
            piece = data[start : start + self.mss]
            self._add(from_camera, PSH | ACK, piece)
            if from_camera:
                self.camera_sequence += len(piece)
            else:
                self.client_sequence += len(piece)
        return self

    def _add(self, from_camera: bool, flags: int, payload: bytes = b"") -> None:
        ends = (self.camera, self.client) if from_camera else (self.client, self.camera)
        numbers = (self.camera_sequence, self.client_sequence)
        sequence, acknowledged = numbers if from_camera else numbers[::-1]
        self.segments.append(
            Segment(
                *ends,
                sequence=sequence % (1 << 32),
                acknowledged=acknowledged % (1 << 32),
                flags=flags,
                payload=payload,
            )
        )


def make_packets(segments: Iterable[Segment], start_s: float = 1e9) -> Iterator[RawPacket]:
    """Ethernet frames, a millisecond apart."""
    for number, segment in enumerate(segments):
        frame = encode_segment(segment, number)
        yield RawPacket(start_s + number / 1000, LINK_ETHERNET, frame)


def explain(segments: Iterable[Segment], redactor: Redactor | None = None) -> list[Event]:
    return list(Explainer(redactor).explain(make_packets(segments)))


def write_capture(segments: Iterable[Segment]) -> bytes:
    """A pcapng file."""
    file = io.BytesIO()
    writer = CaptureWriter(file, link=LINK_ETHERNET, program="test")
    for packet in make_packets(segments):
        writer.write_packet(packet.time_s, packet.data)
    return file.getvalue()


def without_acks(segments: Iterable[Segment]) -> list[Segment]:
    """As they would be if nobody acknowledged: nothing then tells that a hole will not fill."""
    return [replace(segment, flags=segment.flags & ~ACK) for segment in segments]
