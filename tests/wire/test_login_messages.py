"""Log-in and stream messages: golden bytes, encoded and decoded."""

import pytest

from tests.golden.vectors import VECTORS, read_packet
from v380cli.wire.commands import Result
from v380cli.wire.layout import Message
from v380cli.wire.live import (
    FRAME_HEADER,
    FrameHeader,
    StreamLoginReply,
    StreamLoginRequest,
    StreamStartRequest,
)
from v380cli.wire.login import LegacyLoginReply, LegacyLoginRequest, LoginReply, LoginRequest

DEVICE_ID, TICKET = 12345678, 0x11223344
PASSWORD_VECTOR = next(v for v in VECTORS["login"] if v["password"] == "secret1")

LEGACY_LOGIN = (  # section 2b
    bytes.fromhex("a700000078000000")
    + b"admin".ljust(50, b"\0")
    + b"secret1".ljust(50, b"\0")
    + bytes.fromhex("4e61bc00")
    + b"2026-11-20 08:00:00".ljust(408, b"\0")
)
LEGACY_REPLY = (  # section 2b: one channel, permissions 2 + 8 + 16 + 32; audio, no talk, PTZ
    bytes.fromhex("a8000000000000009e000000") + bytes(36) + bytes.fromhex("010001") + bytes(205)
)

MESSAGES: dict[str, tuple[Message, bytes]] = {
    "1167": (
        LoginRequest(
            device_id=DEVICE_ID,
            user="admin",
            random_key=bytes.fromhex(PASSWORD_VECTOR["random_key"]),
            cipher=bytes.fromhex(PASSWORD_VECTOR["zero48"]).ljust(64, b"\0"),
        ),
        read_packet("login_request_lan"),
    ),
    "1168": (
        LoginReply(
            result=Result.OK,
            device_version=31,
            ticket=TICKET,
            session=21862,
            abilities=bytes(40),
        ),
        read_packet("login_reply"),
    ),
    "1168, user": (
        LoginReply(result=1011, abilities=bytes(40)),
        read_packet("login_refused_user"),
    ),
    "1168, password": (
        LoginReply(result=1012, abilities=bytes(40)),
        read_packet("login_refused_password"),
    ),
    "1168, device id": (
        LoginReply(result=1018, abilities=bytes(40)),
        read_packet("login_refused_device_id"),
    ),
    "167": (
        LegacyLoginRequest(
            user="admin",
            password="secret1",
            device_id=DEVICE_ID,
            local_time="2026-11-20 08:00:00",
        ),
        LEGACY_LOGIN,
    ),
    "168": (LegacyLoginReply(value=158, has_audio=1, has_ptz=1), LEGACY_REPLY),
    "301": (
        StreamLoginRequest(device_id=DEVICE_ID, ticket=TICKET),
        read_packet("stream_login"),
    ),
    "401": (
        StreamLoginReply(
            result=Result.STREAM_OK,
            version=20,
            width=1280,
            height=720,
            max_packet=500,
            audio_khz=8,
            audio_bits=16,
            audio_channels=1,
        ),
        read_packet("stream_reply"),
    ),
    "303": (StreamStartRequest(), read_packet("stream_start")),
    "frame header": (
        FrameHeader(frame_id=7, frame_type=0, fps=15, timestamp_ms=1700000000123),
        bytes.fromhex(VECTORS["packets"]["fragments_of_a_frame"]["frame"])[:16],
    ),
}


@pytest.mark.parametrize(("message", "data"), MESSAGES.values(), ids=MESSAGES.keys())
def test_golden_bytes(message: Message, data: bytes) -> None:
    assert message.encode() == data
    assert type(message).decode(data) == message


def test_the_fast_frame_header_is_the_same() -> None:
    header = FrameHeader(frame_id=-7, frame_type=40, fps=25, timestamp_ms=1 << 63)
    assert FRAME_HEADER.unpack(header.encode()) == (-7, 40, 25, 1 << 63)


@pytest.mark.parametrize("name", ["1167", "167", "301"])
def test_a_repr_has_no_secret(name: str) -> None:
    text = repr(MESSAGES[name][0])
    assert "secret1" not in text
    assert str(TICKET) not in text
    assert repr(bytes.fromhex(PASSWORD_VECTOR["zero48"]))[2:10] not in text
