"""A capture of a session with known secrets, redacted: none of them is left, all else is."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.explain.test_conversation import LOGIN, LOGIN_REPLY, OPENED, make_stream, open_live, play
from tests.explain.wirelab import CAMERA, CLIENT, Wire, make_packets
from tests.test_redaction import SECRETS, list_spellings
from v380cli.explain.capture_file import RawPacket
from v380cli.explain.description import KINDS, PLAIN
from v380cli.explain.explainer import Explainer
from v380cli.explain.fixture import collect, to_document
from v380cli.explain.lines import format_event
from v380cli.explain.packets import LINK_ETHERNET, Datagram, Endpoint, encode_datagram
from v380cli.explain.redacted_capture import CaptureRedactor
from v380cli.models import Beacon
from v380cli.redaction import Redactor
from v380cli.wire.card.segments import encode_block
from v380cli.wire.card.words import CardEntry, from_wall_seconds
from v380cli.wire.crypto import PasswordForm, encrypt_password
from v380cli.wire.discovery import encode_beacon
from v380cli.wire.layout import Codec, Text, list_places
from v380cli.wire.registry import FROM_CAMERA, FROM_CLIENT
from v380cli.wire.settings.exchange import LegacyPlainRequest, SettingRequest
from v380cli.wire.settings.wifi import NetworkStateReply, SetWifiRequest

PASSWORD, SSID = SECRETS["password"], SECRETS["ssid"]
KEY = b"0123456789abcdef"
UNKNOWN = 5005


def make_session() -> list[RawPacket]:
    """All that a client says in a day, with every secret in it, also where nobody expects one."""
    cipher = encrypt_password(PASSWORD, KEY, PasswordForm.ZERO48)
    login = replace(LOGIN, random_key=KEY, cipher=cipher, local_time="2026-11-27 16:40:12")
    network = NetworkStateReply(mode=1002, hotspot_ssid="MV12345678", ssid=SSID).encode()
    network = network[:177] + PASSWORD.encode().ljust(32, b"\0") + network[209:]
    wifi = SetWifiRequest(device_id=12345678, ticket=0x11223344, ssid=SSID, psk=PASSWORD)
    legacy = LegacyPlainRequest(
        command=117, username="admin", password=PASSWORD, device_id=12345678
    )
    start, end = from_wall_seconds(1_700_000_011), from_wall_seconds(1_700_000_071)
    entry = CardEntry(number=1, kind=1, start=start, end=end)
    wires = [
        Wire().open().ask(login.encode()).answer(LOGIN_REPLY.encode()).close(),
        Wire().open().ask(SettingRequest(command=311).encode()).answer(network).close(),
        Wire().open().ask(wifi.encode()).answer((420).to_bytes(4, "little").ljust(32, b"\0")),
        Wire().open().ask(legacy.encode()).answer(encode_block([entry], is_last=True)).close(),
        open_live(make_stream(40, 0x11223344), OPENED.encode()).close(),
        play("segment").close(),
        play("file").close(),
    ]
    for number, spelling in enumerate(list_all_spellings()):
        strange = UNKNOWN.to_bytes(4, "little") + bytes(number % 7) + spelling
        wires.append(Wire().open().ask(LOGIN.encode()).answer(strange).close())
        padded = LOGIN_REPLY.encode()[:120] + spelling
        wires.append(Wire().open().ask(LOGIN.encode()).answer(padded.ljust(256, b"\0")).close())
    for port, wire in enumerate(wires, start=50_000):
        ends = {CLIENT: replace(CLIENT, port=port), CAMERA: CAMERA}
        wire.segments = [
            replace(s, source=ends[s.source], target=ends[s.target]) for s in wire.segments
        ]
    beacon = Beacon(device_id=12345678, ip=CAMERA.host, mac=SECRETS["mac"], gateway="192.168.1.1")
    told = Datagram(CAMERA, Endpoint(CLIENT.host, 10009), encode_beacon(beacon))
    packets = list(make_packets(segment for wire in wires for segment in wire.segments))
    return [RawPacket(packets[0].time_s, LINK_ETHERNET, encode_datagram(told, 0)), *packets]


def list_all_spellings() -> list[bytes]:
    return [spelling for value in SECRETS.values() for spelling in list_spellings(value)]


def redact(packets: list[RawPacket]) -> list[RawPacket]:
    redactor = CaptureRedactor(Redactor(), ports=[8800])
    told = [each for packet in packets for each in redactor.receive(packet)]
    return told + list(redactor.finish())


@pytest.fixture(scope="module")
def session() -> list[RawPacket]:
    return make_session()


@pytest.fixture(scope="module")
def redacted(session: list[RawPacket]) -> list[RawPacket]:
    return redact(session)


def join(packets: list[RawPacket]) -> bytes:
    return b"".join(packet.data for packet in packets)


def test_no_secret_is_left_in_any_spelling(
    session: list[RawPacket], redacted: list[RawPacket]
) -> None:
    before, after = join(session), join(redacted)
    assert [s for s in list_all_spellings() if s not in before] == []
    assert [s for s in list_all_spellings() if s.rstrip(b"\0") in after] == []
    for secret in (b"16:40", b"MV12345678", b"admin", b"nvdvr", bytes(range(1, 60))):
        assert secret not in after


def test_no_secret_is_in_what_is_told_or_in_a_fixture(session: list[RawPacket]) -> None:
    """Those are what reports and bug trackers get."""
    redactor = Redactor()
    events = list(Explainer(redactor, ports=[8800], with_frames=True).explain(session))
    shown = {
        "lines": "\n".join(line for event in events for line in format_event(event)),
        "documents": json.dumps([event.to_json() for event in events], default=str),
        "fixture": json.dumps(to_document(collect(events, redactor), {})),
    }
    for name, text in shown.items():
        data = text.encode()
        for spelling in list_all_spellings():
            bare = spelling.rstrip(b"\0")
            assert bare not in data, (name, spelling)
            assert bare.hex().encode() not in data, (name, spelling)


def test_the_messages_are_those_that_were_said(
    session: list[RawPacket], redacted: list[RawPacket]
) -> None:
    def summarise(packets: list[RawPacket]) -> list[tuple[object, ...]]:
        events = list(Explainer(Redactor()).explain(packets))
        return [
            (
                *(e.opcode, e.message, e.opcode and e.size),
                *map(e.fields.get, ("nal_types", "frames", "codec", "fps", "gaps")),
            )
            for e in events
        ]

    assert sorted(map(str, summarise(redacted))) == sorted(map(str, summarise(session)))


def test_redacting_again_changes_no_message(redacted: list[RawPacket]) -> None:
    again = Explainer(Redactor()).explain(redact(redacted))
    once = Explainer(Redactor()).explain(redacted)
    assert [(e.opcode, e.message) for e in again] == [(e.opcode, e.message) for e in once]


def list_named_fields() -> Iterator[tuple[str, Codec[object]]]:
    for table in (FROM_CLIENT, FROM_CAMERA):
        for entry in table.values():
            for name, place in list_places(entry.layout):
                yield name, place.codec


def test_every_text_of_a_message_is_known_to_be_a_persons_or_the_makers() -> None:
    """Whoever adds a text has to say which; what is neither goes through the redactor's words."""
    texts = {name for name, codec in list_named_fields() if isinstance(codec, Text)}
    assert texts - set(KINDS) - PLAIN - {"local_time", "text"} == set()


def test_ipv6_is_no_obstacle() -> None:
    wire = Wire(client=Endpoint("::1", 5000), camera=Endpoint("ff02::1", 8800))
    explainer = Explainer(Redactor())
    assert explainer._tell_end(wire.client) == "address-1:5000"
    assert explainer._tell_end(wire.camera) == "address-2:8800"


def test_a_stream_that_nobody_can_decrypt_keeps_its_sizes() -> None:
    wire = open_live(make_stream(40, 0x11223344))
    before = list(make_packets(wire.segments[8:]))  # the log-in is missing, and the ticket with it
    shown = [list(Explainer(Redactor()).explain(packets)) for packets in (before, redact(before))]
    frames = [events[-1].fields["frames"] for events in shown]
    assert frames[0] == frames[1] != {}
