"""Captures that were damaged anywhere are explained, or refused in a sentence; never more."""

import io
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explain.test_conversation import LOGIN, LOGIN_REPLY, make_stream, open_live
from tests.explain.wirelab import Wire, make_packets, write_capture
from tests.golden.recorded import read_recorded
from v380cli.errors import InvalidInput
from v380cli.explain.capture_file import CaptureReader, RawPacket
from v380cli.explain.explainer import Event, Explainer
from v380cli.explain.packets import (
    LINK_ETHERNET,
    Datagram,
    Endpoint,
    Segment,
    encode_datagram,
)
from v380cli.explain.redacted_capture import CaptureRedactor
from v380cli.models import Beacon
from v380cli.redaction import Redactor
from v380cli.wire.card.segments import SegmentControl
from v380cli.wire.card.words import from_wall_seconds
from v380cli.wire.discovery import encode_beacon, encode_probe

EXAMPLES = 25


def make_session() -> list[Segment]:
    """A log-in, a live stream and a recording, each on a connection of its own."""
    control = SegmentControl(action=1, note=7, number=1, position=from_wall_seconds(0)).encode()
    wires = [
        Wire().open().ask(LOGIN.encode()).answer(LOGIN_REPLY.encode()).close(),
        open_live(make_stream(4, ticket=LOGIN_REPLY.ticket)).close(),
        Wire().open().ask(control).answer(read_recorded("playback-note-zero")).close(),
    ]
    for port, wire in enumerate(wires, start=50_001):
        for index, segment in enumerate(wire.segments):
            client = replace(wire.client, port=port)
            is_answer = segment.source == wire.camera
            ends = (wire.camera, client) if is_answer else (client, wire.camera)
            wire.segments[index] = replace(segment, source=ends[0], target=ends[1])
    return [segment for wire in wires for segment in wire.segments]


SESSION = make_session()
BEACON = encode_beacon(Beacon(device_id=12345678, ip="192.168.1.50", mac="00:12:34:56:78:9a"))


def make_pcap() -> bytes:
    head = bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000")
    return head + b"".join(
        b"".join(n.to_bytes(4, "little") for n in (1, 0, len(packet.data), len(packet.data)))
        + packet.data
        for packet in make_packets(SESSION)
    )


CAPTURES = {"pcap": make_pcap(), "pcapng": write_capture(SESSION)}


def explain(packets: list[RawPacket]) -> list[Event]:
    """In both ways that there are: told, and redacted."""
    redactor = CaptureRedactor(Redactor(), ports=[8800])
    for packet in packets:
        list(redactor.receive(packet))
    list(redactor.finish())
    return list(Explainer(Redactor()).explain(packets))


mutations = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(min_size=1, max_size=8)), max_size=8
)


def mutate(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """Write over, put in, take out or repeat some bytes at some places."""
    result = bytearray(data)
    for place, kind, new in changes:
        at = int(place * len(result))
        match kind:
            case 0:
                result[at : at + len(new)] = new
            case 1:
                result[at:at] = new
            case 2:
                del result[at : at + len(new)]
            case 3:
                result[at:at] = result[at : at + 16 * len(new)]
    return bytes(result)


@pytest.mark.parametrize("form", CAPTURES)
@settings(max_examples=EXAMPLES, deadline=None)
@given(changes=mutations)
def test_a_damaged_file(form: str, changes: list[tuple[float, int, bytes]]) -> None:
    reader = CaptureReader(io.BytesIO(mutate(CAPTURES[form], changes)))
    try:
        packets = list(reader.read_packets())
    except InvalidInput:
        return
    for event in explain(packets):
        assert event.to_json()


@settings(max_examples=EXAMPLES, deadline=None)
@given(damage=st.dictionaries(st.integers(0, len(SESSION) - 1), mutations, max_size=6))
def test_what_is_said_is_damaged_and_tcp_is_whole(
    damage: dict[int, list[tuple[float, int, bytes]]],
) -> None:
    segments = list(SESSION)
    for index, changes in damage.items():
        payload = segments[index].payload
        changed = mutate(payload, changes)[: len(payload)].ljust(len(payload), b"\xff")
        segments[index] = replace(segments[index], payload=changed)
    said = sum(len(segment.payload) for segment in segments)
    told = explain(list(make_packets(segments)))
    assert sum(event.size for event in told) == said


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 10_000), lost=st.sets(st.integers(0, len(SESSION) - 1)))
def test_packets_in_any_order_with_holes(seed: int, lost: set[int]) -> None:
    segments = [segment for index, segment in enumerate(SESSION) if index not in lost]
    random.Random(seed).shuffle(segments)
    explain(list(make_packets(segments)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(changes=mutations, port=st.sampled_from([10008, 10009, 4000, 9200]))
def test_damaged_datagrams(changes: list[tuple[float, int, bytes]], port: int) -> None:
    ends = Endpoint("192.168.1.50", port), Endpoint("192.168.1.20", port)
    for payload in (BEACON, encode_probe("NVDEVSEARCH", "12345678")):
        datagram = encode_datagram(Datagram(*ends, mutate(payload, changes)), 1)
        explain([RawPacket(0.0, LINK_ETHERNET, datagram)])


@pytest.mark.parametrize(
    "version", [b"12345678", b"address-x", b"mac-", b"caf\xe9", b"192.168.1.50"]
)
def test_an_answer_with_a_version_that_looks_like_something_else(version: bytes) -> None:
    kind, _, rest = BEACON.split(b"^", 2)
    ends = Endpoint("192.168.1.50", 10008), Endpoint("192.168.1.20", 10009)
    datagram = encode_datagram(Datagram(*ends, b"^".join([kind, version, rest])), 1)
    explain([RawPacket(0.0, LINK_ETHERNET, datagram)])
