"""Bytes of both sides become messages and streams; what does not fit is pointed at."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explain.wirelab import Wire, explain, without_acks
from tests.golden.recorded import read_recorded
from v380cli.explain.description import Describer
from v380cli.explain.explainer import Event
from v380cli.redaction import Redactor
from v380cli.wire.card.files import FileControl, FileLogin, FilePageHeader, encode_page
from v380cli.wire.card.records import encode_control, encode_file_fragments, encode_packets
from v380cli.wire.card.segments import (
    SegmentControl,
    SegmentListRequest,
    SegmentSearchReply,
    encode_block,
)
from v380cli.wire.card.stream import FILE_FRAME, FILE_TIMESTAMP, SEGMENT_FRAME
from v380cli.wire.card.words import CardEntry, PlaybackMagic, from_wall_seconds
from v380cli.wire.control import PTZ_STOP
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import (
    FRAME_HEADER,
    StreamLoginReply,
    StreamLoginRequest,
    StreamStartRequest,
)
from v380cli.wire.login_messages import LoginReply, LoginRequest
from v380cli.wire.registry import FROM_CAMERA, FROM_CLIENT
from v380cli.wire.settings.exchange import SettingReply, SettingRequest
from v380cli.wire.talk import TalkAudio, TalkStart, TalkStartReply
from v380cli.wire.versions import VersionsReply

TICKET = 0x11223344
LOGIN = LoginRequest(device_id=12345678, user="admin", cipher=b"c" * 48, random_key=b"k" * 16)
LOGIN_REPLY = LoginReply(result=1001, device_version=31, ticket=TICKET, domain="12345678.nvdvr.net")
OPEN = StreamLoginRequest(device_id=12345678, ticket=TICKET)
OPENED = StreamLoginReply(result=402, width=1280, height=720)
IDR = b"\0\0\0\1\x67\x4d\0\x1f" + b"\0\0\0\1\x68\xee\x3c" + b"\0\0\0\1\x65" + bytes(range(1, 200))
SLICE = b"\0\0\0\1\x41" + bytes(range(1, 100))


NOON_MS = 1_700_000_011_000
SEGMENT_START = SegmentControl(action=1, note=7, number=1, position=from_wall_seconds(0)).encode()


def make_stream(count: int = 30, ticket: int | None = None) -> bytes:
    """Pictures every 40 ms, the first of every ten a keyframe; sound in between."""
    cipher = MediaCipher(media_key(ticket)) if ticket else None
    data = b""
    for number in range(count):
        kind, payload = (0, IDR) if number % 10 == 0 else (1, SLICE)
        payload = cipher.encrypt_video(payload) if cipher else payload
        header = FRAME_HEADER.pack(2 * number, kind, 25, 1_600_000_000_000 + 40 * number)
        data += encode_fragments(header + payload, kind, 100)
        header = FRAME_HEADER.pack(2 * number + 1, 22, 25, 1_600_000_000_000 + 40 * number)
        data += encode_fragments(header + bytes(256), 22, 500)
    return data


def make_recording(stream: str, count: int = 20) -> bytes:
    """The pictures of `make_stream` as one generation or the other sends them from its card."""
    data, number = b"", 0
    for frame_id in range(count):
        kind, payload = (0, IDR) if frame_id % 10 == 0 else (1, SLICE)
        if stream == "file":
            head = FILE_FRAME.pack(frame_id, 50 + kind, 2, 999) + FILE_TIMESTAMP.pack(40 * frame_id)
            data += b"".join(encode_file_fragments(head + payload, 50 + kind))
            continue
        head = SEGMENT_FRAME.pack(frame_id, kind, 25, NOON_MS + 40 * frame_id, len(payload))
        packets = encode_packets(head + payload, 100, note=7, last_number=number)
        number += len(packets)
        data += b"".join(packets)
    return data + encode_control(PlaybackMagic.FINISHED)


def play(stream: str) -> Wire:
    """Ask for a recording and get it."""
    control = FileControl().encode() if stream == "file" else SEGMENT_START
    return Wire().open().ask(control).answer(make_recording(stream))


def name(events: list[Event]) -> list[tuple[str, int | None]]:
    return [(event.message, event.opcode) for event in events]


def find_stream(events: list[Event]) -> Event:
    return next(event for event in events if event.message.endswith(" stream"))


def list_problems(events: list[Event]) -> list[str]:
    return [problem for event in events for problem in event.problems]


def open_live(stream: bytes, reply: bytes = b"") -> Wire:
    wire = Wire().open().ask(OPEN.encode()).answer(reply or OPENED.encode())
    return wire.ask(StreamStartRequest().encode()).answer(stream)


def test_a_log_in_with_all_its_fields() -> None:
    events = explain(Wire().open().ask(LOGIN.encode()).answer(LOGIN_REPLY.encode()).segments)
    assert name(events) == [("login request", 1167), ("login reply", 1168)]
    assert [event.direction for event in events] == ["to-camera", "from-camera"]
    assert events[0].fields["device_id"] == 12345678
    assert events[1].fields["domain"] == "12345678.nvdvr.net"
    assert list_problems(events) == []


@pytest.mark.parametrize("size", [32, 412])
def test_a_message_of_either_size_that_is_known(size: int) -> None:
    events = explain(open_live(make_stream(), OPENED.encode().ljust(size, b"\0")).segments)
    assert (events[1].opcode, events[1].size) == (401, size)
    assert list_problems(events) == []


@pytest.mark.parametrize("size", [20, 60])
def test_a_message_of_another_size_is_pointed_at(size: int) -> None:
    events = explain(open_live(make_stream(), OPENED.encode().ljust(size, b"\1")[:size]).segments)
    assert list_problems(events) == [f"401 of {size} bytes: 32 and 412 are known"]
    assert events[1].fields["width"] == 1280
    if size == 60:
        assert [(each.offset, each.size) for each in events[1].unknown] == [(32, 28)]


@pytest.mark.parametrize("ticket", [None, TICKET])
def test_a_stream_is_summed_up(ticket: int | None) -> None:
    stream = make_stream(30, ticket)
    events = explain(open_live(stream).close().segments)
    told = find_stream(events)
    assert told.size == len(stream)
    assert {kind: each["count"] for kind, each in told.fields["frames"].items()} == {
        "0 h264_key": 3,
        "1 h264_delta": 27,
        "22 ima_adpcm": 30,
    }
    assert told.fields["codec"] == "h264"
    assert told.fields["nal_types"] == {"1": 27, "7": 3, "8": 3, "5": 3}
    assert told.fields["encryption"] == ("64-of-80" if ticket else "clear")
    assert (told.fields["fps"], told.fields["fps_told"]) == (25.0, [25])
    assert told.fields["skipped_bytes"] == told.fields["dropped_frames"] == 0


def test_what_the_client_says_during_a_stream_is_told() -> None:
    wire = open_live(make_stream(10))
    wire.ask(PTZ_STOP.encode()).answer(make_stream(10)).ask(PTZ_STOP.encode())
    numbers = [event.opcode for event in explain(wire.segments)]
    assert numbers.count(170) == 2
    assert sum(event.message == "live stream" for event in explain(wire.segments)) == 1


def test_a_stream_from_its_middle() -> None:
    wire = open_live(make_stream(60))
    events = explain(wire.segments[10:])
    told = find_stream(events)
    assert told.fields["frames"]["1 h264_delta"]["count"] > 20
    assert told.fields["codec"] == "h264"


def test_what_the_capture_lost_of_a_stream_is_told() -> None:
    wire = open_live(make_stream(60))
    segments = [*wire.segments[:9], *without_acks(wire.segments[11:])]
    events = explain(segments)
    assert any("bytes are missing" in problem for problem in list_problems(events))
    assert find_stream(events).fields["dropped_frames"] > 0


def test_a_list_of_recordings_of_both_generations() -> None:
    noon = 1_700_000_000
    entry = CardEntry(
        number=7, kind=1, start=from_wall_seconds(noon), end=from_wall_seconds(noon + 60)
    )
    reply, block = SegmentSearchReply(result=1, count=1), encode_block([entry], is_last=True)
    wire = Wire().open().ask(SegmentListRequest().encode()).answer(reply.encode())
    events = explain(wire.answer(block).segments, Redactor())
    row = {"number": 7, "kind": 1, "start": "2023-11-14", "duration_s": 60.0}
    assert (events[-1].opcode, events[-1].fields["rows"]) == (462, [row])

    page = encode_page([replace(entry, name="a_20231114221320_1.avi")], total=1, sent_before=0)
    wire = Wire().open().ask(FileLogin(device_id=1).encode()).answer(page)
    events = explain(wire.segments, Redactor())
    rows = events[-1].fields["rows"]
    assert (events[-1].opcode, rows[0]["name"], "hour" in rows[0]) == (250, "name-1", False)
    assert list_problems(events) == []
    assert events[-1].size == FilePageHeader.SIZE + 48


def test_sound_that_is_said_to_a_camera() -> None:
    packet = TalkAudio(length=256, sequence=1).encode() + b"s" * 256
    start = TalkStart(device_id=1, ticket=2).encode()
    wire = Wire().open().ask(start).answer(TalkStartReply(command=477, result=1001).encode())
    events = explain(wire.ask(packet + packet).segments, Redactor())
    assert [(event.opcode, event.size) for event in events[2:]] == [(180, 272), (180, 272)]
    assert b"ssss".hex() not in str(events)


def test_a_no_has_the_fields_of_a_no() -> None:
    no = SettingReply(command=419, result=2001, reason=-11).encode()
    ask = SettingRequest(command=319).encode()
    for reply in (no, no.ljust(VersionsReply.SIZE, b"\0")):
        told = explain(Wire().open().ask(ask).answer(reply).segments)[-1]
        assert told.fields == {"result": 2001, "reason": -11}


def test_a_message_that_nobody_described() -> None:
    strange = (5005).to_bytes(4, "little") + b"\x07\0\0\0" + b"secret text" + bytes(9)
    wire = Wire().open().ask(LOGIN.encode()).answer(LOGIN_REPLY.encode()).ask(strange)
    told = explain(wire.segments, Redactor())[-1]
    assert (told.message, told.opcode) == ("unknown", 5005)
    assert [(each.offset, each.shown) for each in told.unknown] == [(4, "07"), (8, "bytes-1")]
    assert "nobody has described this message" in told.problems[0]


def test_what_is_no_message_is_told_by_its_size() -> None:
    wire = Wire().open().ask(b"GET / HTTP/1.1\r\n\r\n").answer(b"HTTP/1.1 200 OK\r\n\r\n")
    events = explain(wire.segments)
    assert list_problems(events) == [
        "18 bytes that are not a message of this protocol",
        "19 bytes that are not a message of this protocol",
    ]


def test_a_stranger_on_another_port_is_left_out() -> None:
    strange = replace(Wire().camera, port=443)
    wire = Wire(camera=strange).open().ask(b"\x16\x03\x01" + bytes(300)).answer(bytes(5000))
    assert explain(wire.segments) == []


def test_a_camera_on_another_port_is_known_by_what_it_says() -> None:
    wire = Wire(camera=replace(Wire().camera, port=34567)).open()
    events = explain(wire.ask(LOGIN.encode()).answer(LOGIN_REPLY.encode()).segments)
    assert name(events) == [("login request", 1167), ("login reply", 1168)]


def test_a_recording_is_summed_up() -> None:
    control = SegmentControl(action=1, note=7, number=1, position=from_wall_seconds(0)).encode()
    stream = read_recorded("playback-note-zero")
    told = find_stream(explain(Wire().open().ask(control).answer(stream).segments))
    assert told.fields["stream"] == "recording by segment"
    control = FileControl().encode()
    broken = bytes([0x7F, 0, 1, 0, 5, 0, 9, 9]) + bytes(60)
    told = find_stream(explain(Wire().open().ask(control).answer(broken).segments))
    assert told.fields["stream"] == "recording by file"
    assert told.problems != []


@pytest.mark.parametrize("stream", ["segment", "file"])
def test_a_whole_recording_is_summed_up(stream: str) -> None:
    told = find_stream(explain(play(stream).close().segments))
    assert told.fields["stream"] == f"recording by {stream}"
    assert [each["count"] for each in told.fields["frames"].values()] == [2, 18]
    assert told.fields["nal_types"] == {"1": 18, "7": 2, "8": 2, "5": 2}
    assert (told.fields["fps"], told.fields["duration_s"]) == (25.0, 0.76)
    assert told.problems == []


@pytest.mark.parametrize("recorded", ["login-1168-accepted-v3", "login-1168-refused-password"])
def test_what_real_cameras_said_fits(recorded: str) -> None:
    wire = Wire().open().ask(read_recorded("login-1167-request-v2"))
    events = explain(wire.answer(read_recorded(recorded)).segments)
    assert name(events) == [("login request", 1167), ("login reply", 1168)]
    assert list_problems(events) == []


@pytest.mark.parametrize("seed", range(8))
def test_cut_anywhere_it_says_the_same(seed: int) -> None:
    """A camera that drips, and TCP that cuts where it likes."""
    chance = random.Random(seed)
    wire = open_live(make_stream(12))
    whole = explain(wire.close().segments)
    wire = Wire(mss=chance.choice([1, 7, 33, 500])).open()
    wire.ask(OPEN.encode()).answer(OPENED.encode()).ask(StreamStartRequest().encode())
    cut = explain(wire.answer(make_stream(12)).close().segments)
    assert [(e.message, e.fields, e.size) for e in cut] == [
        (e.message, e.fields, e.size) for e in whole
    ]


@settings(max_examples=100)
@given(
    turns=st.lists(
        st.tuples(
            st.booleans(), st.sampled_from([*FROM_CLIENT, *FROM_CAMERA, 0, 0x6F]), st.binary()
        ),
        max_size=12,
    )
)
def test_any_message_bytes_are_explained(turns: list[tuple[bool, int, bytes]]) -> None:
    wire = Wire().open()
    for from_camera, number, rest in turns:
        data = number.to_bytes(4, "little", signed=True) + rest
        wire = wire.answer(data) if from_camera else wire.ask(data)
    events = explain(wire.close().segments, Redactor())
    said = sum(len(rest) + 4 for _, _, rest in turns)
    assert sum(event.size for event in events) == said


@pytest.mark.parametrize("table", [FROM_CLIENT, FROM_CAMERA], ids=["client", "camera"])
def test_every_layout_is_described(table: dict[int, object]) -> None:
    for number in table:
        entry = (FROM_CLIENT if table is FROM_CLIENT else FROM_CAMERA)[number]
        data = number.to_bytes(4, "little", signed=True).ljust(entry.sizes[0], b"\0")
        told = Describer(Redactor()).describe(entry.layout, data)
        assert told.unknown == []
