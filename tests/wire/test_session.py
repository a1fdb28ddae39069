"""The live session: replies, refusals, media in clear whatever the camera encrypts, any cutting."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.vectors import VECTORS, read_packet
from v380cli.errors import (
    CameraBusy,
    CredentialsRefused,
    DeviceIdRefused,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.models import Quality
from v380cli.wire.commands import Command
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import FrameHeader, StreamLoginReply, StreamLoginRequest
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.refusals import TicketExpired
from v380cli.wire.session import (
    LiveSession,
    MediaReceived,
    StreamOpened,
)

DEVICE_ID, TICKET = 12345678, 0x11223344
CIPHER = MediaCipher(media_key(TICKET))
REPLY = read_packet("stream_reply")
KEYFRAME = b"\0\0\0\1\x67" + bytes(range(5, 205))
DELTA = b"\0\0\1\x41" + b"delta" * 300
SOUND = b"sound" * 51  # not a whole number of blocks


def make_session(device_version: int = 31) -> LiveSession:
    ticket = LoginTicket(
        ticket=TICKET, device_version=device_version, variant_name="31-given-zero48"
    )
    return LiveSession(ticket, DEVICE_ID, quality=Quality.HD, audio=True)


def make_reply(result: int = 402, *, version: int = 20, command: int = 401) -> bytes:
    return StreamLoginReply(command=command, result=result, version=version).encode()


def make_frame(frame_id: int, frame_type: int, payload: bytes) -> bytes:
    header = FrameHeader(
        frame_id=frame_id, frame_type=frame_type, fps=15, timestamp_ms=66 * frame_id
    )
    return encode_fragments(header.encode() + payload, frame_type, 500)


def make_media(encrypt_video: Any = bytes, encrypt_audio: Any = bytes) -> bytes:
    """A keyframe, sound and a P-frame."""
    return (
        make_frame(1, 0, encrypt_video(KEYFRAME))
        + make_frame(2, 26, encrypt_audio(SOUND))
        + make_frame(3, 1, encrypt_video(DELTA))
    )


def take_events(session: LiveSession) -> Iterator[StreamOpened | MediaReceived]:
    while (event := session.next_event()) is not NEED_DATA:
        yield event


def run(session: LiveSession, chunks: Sequence[bytes]) -> list[StreamOpened | MediaReceived]:
    events: list[StreamOpened | MediaReceived] = []
    for chunk in chunks:
        session.receive_data(chunk)
        events += take_events(session)
    session.receive_eof()
    return events + list(take_events(session))


def list_payloads(events: Sequence[StreamOpened | MediaReceived]) -> list[bytes]:
    return [event.payload for event in events if isinstance(event, MediaReceived)]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_the_opening() -> None:
    session = make_session()
    assert session.data_to_send() == read_packet("stream_login")
    assert session.data_to_send() == b""
    assert session.next_event() is NEED_DATA
    session.receive_data(REPLY)
    assert session.data_to_send() == b""
    assert session.next_event() == StreamOpened(1280, 720, 20, 500, 8000, 16, 1)
    assert session.data_to_send() == read_packet("stream_start")
    assert session.next_event() is NEED_DATA


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"max_packet": 20_000, "audio_khz": 8, "audio_bits": 8, "audio_channels": 1},
            (20_000, 8000, 8, 1),
        ),
        (
            {"max_packet": 500, "audio_khz": 44, "audio_bits": 16, "audio_channels": 2},
            (500, 44_100, 16, 2),
        ),
        ({}, (0, 0, 0, 0)),
        (
            {"max_packet": -1, "audio_khz": 255, "audio_bits": 22, "audio_channels": 77},
            (0, 0, 0, 0),
        ),
    ],
)
def test_what_401_says_of_packets_and_sound_is_taken_where_plausible(
    fields: dict[str, int], expected: tuple[int, ...]
) -> None:
    session = make_session()
    session.receive_data(StreamLoginReply(result=402, **fields).encode())
    opened = session.next_event()
    assert isinstance(opened, StreamOpened)
    sound = (opened.audio_rate_hz, opened.audio_bits, opened.audio_channels)
    assert (opened.max_packet, *sound) == expected


def test_the_other_stream_without_sound() -> None:
    ticket = LoginTicket(ticket=-5, variant_name="legacy")
    session = LiveSession(ticket, 7, quality=Quality.SD, audio=False)
    expected = StreamLoginRequest(device_id=7, ticket=-5, audio=4096, quality=0)
    assert session.data_to_send() == expected.encode()


def test_a_golden_frame() -> None:
    packet = VECTORS["packets"]["fragments_of_a_frame"]
    events = run(make_session(device_version=20), [REPLY, bytes.fromhex(packet["wire"])])
    payload = bytes.fromhex(packet["frame"])[16:]
    assert events[1:] == [MediaReceived(0, 7, 15, 1700000000123, payload, "video")]


@pytest.mark.parametrize("result", [402, 1001, 1000, 0, -5, 3001, 4711])
def test_every_number_that_is_no_known_refusal_is_a_yes(result: int) -> None:
    session = make_session()
    session.receive_data(make_reply(result))
    opened = session.next_event()
    assert isinstance(opened, StreamOpened)
    assert opened.result == result


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (-11, TicketExpired),
        (-12, TicketExpired),
        (1011, CredentialsRefused),
        (1012, CredentialsRefused),
        (1013, Refused),
        (1018, DeviceIdRefused),
        (2002, DeviceIdRefused),
        (2001, CameraBusy),
        (1002, CredentialsRefused),
    ],
)
def test_refusals(result: int, error: type[V380Error]) -> None:
    session = make_session()
    session.receive_data(make_reply(result)[:8])  # what a refusal needs; some send no more
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            session.next_event()
        assert type(caught.value) is error


@pytest.mark.parametrize("command", [-100, -300])
def test_an_unsupported_stream(command: int) -> None:
    assert Command(command)
    session = make_session()
    session.receive_data(make_reply(command=command))
    with pytest.raises(UnsupportedFirmware):
        session.next_event()


def test_another_message() -> None:
    session = make_session()
    session.receive_data(make_reply(command=1168))
    with pytest.raises(RemoteProtocolError, match="1168"):
        session.next_event()


@pytest.mark.parametrize("size", [1, 7, 8, 31])
def test_a_hang_up_in_the_reply(size: int) -> None:
    session = make_session()
    session.receive_data(REPLY[:size])
    assert session.next_event() is NEED_DATA
    session.receive_eof()
    with pytest.raises(RemoteProtocolError):
        session.next_event()


def test_a_reply_that_ends_after_its_result_tells_that() -> None:
    session = make_session()
    session.receive_data(make_reply(4711)[:8])
    session.receive_eof()
    with pytest.raises(RemoteProtocolError, match="4711"):
        session.next_event()


def test_a_hang_up_before_the_reply() -> None:
    session = make_session()
    session.receive_eof()
    assert session.next_event() is NEED_DATA


ENCRYPTIONS = {  # device version, 401 version, how the camera encrypts: what the session finds
    "31, groups": (31, 20, (CIPHER.encrypt_video, CIPHER.encrypt_audio), "64-of-80"),
    "31, whole": (
        31,
        21,
        (CIPHER.encrypt_video_whole_blocks, CIPHER.encrypt_audio),
        "whole-blocks",
    ),
    "30, clear": (30, 20, (bytes, bytes), "clear"),
    "30, 21, clear": (30, 21, (bytes, bytes), "clear"),
    "31, but clear": (31, 20, (bytes, bytes), "clear"),
    "30, but groups": (30, 20, (CIPHER.encrypt_video, CIPHER.encrypt_audio), "64-of-80"),
    "0, but whole": (
        0,
        21,
        (CIPHER.encrypt_video_whole_blocks, CIPHER.encrypt_audio),
        "whole-blocks",
    ),
}


@pytest.mark.parametrize("case", ENCRYPTIONS.values(), ids=ENCRYPTIONS.keys())
@pytest.mark.parametrize("size", [1, 13, 1000, 100_000])
def test_media_come_in_clear_however_they_are_cut(case: Any, size: int) -> None:
    device_version, version, encryption, found = case
    session = make_session(device_version)
    events = run(session, cut(make_reply(version=version) + make_media(*encryption), size))
    assert events == [
        StreamOpened(0, 0, version, 0),
        MediaReceived(0, 1, 15, 66, KEYFRAME, "video"),
        MediaReceived(26, 2, 15, 132, SOUND, "audio"),
        MediaReceived(1, 3, 15, 198, DELTA, "video"),
    ]
    assert session.encryption == found
    assert session.counters.dropped_frames == session.counters.skipped_bytes == 0


@given(st.lists(st.integers(1, 3000), max_size=40))
def test_any_cutting_gives_the_same(cuts: list[int]) -> None:
    data = REPLY + bytes(380) + make_media(CIPHER.encrypt_video, CIPHER.encrypt_audio)
    chunks, start = [], 0
    for size in [*cuts, len(data)]:
        chunks.append(data[start : start + size])
        start += size
    assert run(make_session(), chunks) == run(make_session(), [data])


def test_sound_before_the_first_picture_follows_the_version() -> None:
    sound = make_frame(1, 26, CIPHER.encrypt_audio(SOUND))
    assert list_payloads(run(make_session(31), [REPLY, sound])) == [SOUND]
    assert list_payloads(run(make_session(30), [REPLY, make_frame(1, 26, SOUND)])) == [SOUND]


def test_what_the_first_picture_proves_holds_for_the_stream() -> None:
    """A later frame that begins otherwise changes nothing, nor does one too short to tell."""
    odd = b"\x99" * 200
    media = make_frame(1, 1, b"\0\0\1\x09") + make_frame(2, 0, KEYFRAME) + make_frame(3, 1, odd)
    payloads = list_payloads(run(make_session(31), [REPLY, media]))
    assert payloads == [b"\0\0\1\x09", KEYFRAME, odd]


@pytest.mark.parametrize("seed", range(5))
def test_the_long_reply_of_older_firmware(seed: int) -> None:
    session = make_session(20)
    tail = bytes(380) if not seed else Random(seed).randbytes(380)
    events = run(session, [REPLY + tail, make_media()])
    assert list_payloads(events) == [KEYFRAME, SOUND, DELTA]
    assert session.counters.skipped_bytes == 0


@pytest.mark.parametrize("encrypt", [bytes, CIPHER.encrypt_video], ids=["clear", "encrypted"])
@pytest.mark.parametrize("device_version", [20, 31])
def test_jpeg_pictures_are_video(device_version: int, encrypt: Any) -> None:
    picture = b"\xff\xd8\xff\xe0" + bytes(range(200)) * 5
    session = make_session(device_version)
    events = run(session, [REPLY, make_frame(1, 9, encrypt(picture)), make_frame(2, 26, b"a" * 8)])
    assert events[1:] == [
        MediaReceived(9, 1, 15, 66, picture, "video"),
        MediaReceived(26, 2, 15, 132, b"a" * 8, "audio"),
    ]
    assert (session.counters.video_frames, session.counters.unknown_frames) == (1, 0)


def test_lenses_are_told_apart_by_their_frame_types() -> None:
    """A second and a third lens have types of their own, each a row of fragments (section 11)."""
    lenses = {0: KEYFRAME, 50: KEYFRAME[::-1], 52: DELTA, 1: DELTA, 51: KEYFRAME, 53: DELTA[::-1]}
    pieces = [cut(make_frame(number, *lens), 512) for number, lens in enumerate(lenses.items())]
    longest = max(map(len, pieces))
    mixed = b"".join(row[turn] for turn in range(longest) for row in pieces if turn < len(row))
    events = run(make_session(20), [REPLY, mixed])
    media = {each.frame_type: each for each in events if isinstance(each, MediaReceived)}
    assert {kind: each.payload for kind, each in media.items()} == lenses
    assert {each.kind for each in media.values()} == {"video"}


def test_frames_of_unknown_type_are_handed_on_as_they_are_and_counted() -> None:
    media = make_frame(1, 0, KEYFRAME) + make_frame(2, 99, b"?" * 50) + make_frame(3, 1, DELTA)
    session = make_session(20)
    events = [e for e in run(session, [REPLY, media]) if isinstance(e, MediaReceived)]
    assert [event.kind for event in events] == ["video", "unknown", "video"]
    assert (events[1].frame_type, events[1].payload) == (99, b"?" * 50)
    assert session.counters.unknown_frames == 1
    assert session.counters.dropped_frames == 0


def test_a_frame_without_room_for_its_header_is_dropped_and_counted() -> None:
    session = make_session(20)
    stump = encode_fragments(b"\1" * 15, 1, 500)
    assert list_payloads(run(session, [REPLY, make_frame(1, 0, KEYFRAME) + stump])) == [KEYFRAME]
    assert session.counters.dropped_frames == 1


@given(st.binary(max_size=400), st.booleans(), st.integers(1, 100))
def test_garbage_is_refused_or_passed_over(data: bytes, is_opened: bool, size: int) -> None:
    session = make_session()
    chunks = cut((REPLY if is_opened else b"") + data, size)
    try:
        events = run(session, chunks)
    except (RemoteProtocolError, Refused):
        assert not is_opened
    else:
        assert len(events) <= 1 + len(data) // 28  # a header of 12 and a frame of 16 bytes


@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_a_mutated_stream_breaks_nothing(random: Random, device: int) -> None:
    data = bytearray(make_media(CIPHER.encrypt_video, CIPHER.encrypt_audio) * 3)
    for _ in range(random.randrange(1, 30)):
        data[random.randrange(len(data))] = random.randrange(256)
    events = run(make_session(30 + device), [REPLY, bytes(data)])
    assert len(events) <= 1 + 9


def test_no_ticket_in_a_repr() -> None:
    ticket = LoginTicket(ticket=TICKET, session=21862, variant_name="legacy")
    assert str(TICKET) not in repr(ticket)
    assert "21862" not in repr(ticket)
    assert str(TICKET) not in repr(make_session())
