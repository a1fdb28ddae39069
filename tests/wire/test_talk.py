"""Talk: golden bytes, both families, every answer, garbage (PROTOCOL.md, section 4)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.recorded import read_recorded
from tests.golden.vectors import read_packet
from v380cli.errors import (
    CameraBusy,
    CredentialsRefused,
    DeviceIdRefused,
    LocalProtocolError,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
)
from v380cli.models import Secret
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.refusals import TicketExpired
from v380cli.wire.settings.exchange import SettingLogin
from v380cli.wire.talk import (
    KEEP_ALIVE_S,
    TALK_OPENED,
    LegacyTalkStart,
    TalkAudio,
    TalkForm,
    TalkSession,
    TalkStart,
    TalkStartReply,
)

TICKET = 0x11223344
LOGIN = SettingLogin(
    device_id=12345678, ticket=TICKET, username="admin", password=Secret("secret1")
)
BLOCK = bytes(range(256))


def make_session(form: TalkForm = TalkForm.TICKET, *, encrypts: bool = False) -> TalkSession:
    return TalkSession(LOGIN, form, encrypts_media=encrypts)


def open_session(form: TalkForm = TalkForm.TICKET, *, encrypts: bool = False) -> TalkSession:
    session = make_session(form, encrypts=encrypts)
    session.data_to_send()
    session.receive_data(TalkStartReply(command=form + 100, result=1001).encode())
    assert session.next_event() is TALK_OPENED
    return session


def test_377_as_computed_apart_from_this_project() -> None:
    golden = read_packet("talk_start")
    assert make_session().data_to_send() == golden
    assert TalkStart.decode(golden) == TalkStart(device_id=12345678, ticket=TICKET)


def test_177_has_user_and_password_in_clear() -> None:
    data = make_session(TalkForm.LEGACY).data_to_send()
    assert data.rstrip(b"\0") == bytes.fromhex(
        "b1000000" + "61646d696e".ljust(64, "0") + "73656372657431".ljust(64, "0") + "4e61bc"
    )
    assert len(data) == 412
    assert LegacyTalkStart.decode(data).password == "secret1"


def test_the_head_of_a_block_as_computed_apart_from_this_project() -> None:
    session = open_session()
    for _ in range(4):
        session.say(BLOCK)
    session.data_to_send()
    session.say(BLOCK)
    golden = read_packet("talk_packet_header")
    assert session.data_to_send() == golden + BLOCK
    assert TalkAudio.decode(golden) == TalkAudio(length=256, sequence=5)


def test_the_first_block_is_that_of_clients_that_were_heard() -> None:
    session = open_session()
    session.say(BLOCK)
    golden = read_recorded("talk-180")
    assert session.data_to_send() == golden + BLOCK
    assert TalkAudio.decode(golden) == TalkAudio(length=256, sequence=1)


def test_a_sign_of_life() -> None:
    session = open_session()
    session.advance(7.0)
    assert session.data_to_send() == bytes.fromhex("bc" + "00" * 15)
    assert session.next_deadline == 7.0 + KEEP_ALIVE_S
    session.advance(session.next_deadline - 0.001)
    assert session.data_to_send() == b""
    session.advance(session.next_deadline)
    assert len(session.data_to_send()) == 16
    assert KEEP_ALIVE_S < 3, "PROTOCOL.md, section 4"


def test_the_sequence_is_a_byte() -> None:
    session = open_session()
    for _ in range(258):
        session.say(b"")
    data = session.data_to_send()
    assert list(data[15::16]) == [*range(1, 256), 0, 1, 2]


def test_all_256_bytes_are_encrypted_above_version_30() -> None:
    session = open_session(encrypts=True)
    session.say(BLOCK)
    packet = session.data_to_send()
    assert packet[16:] != BLOCK
    assert MediaCipher(media_key(TICKET)).decrypt_audio(packet[16:]) == BLOCK
    assert packet[:13] == read_packet("talk_packet_header")[:13], "the head is clear"


def test_without_a_ticket_there_is_no_key() -> None:
    session = open_session(TalkForm.LEGACY, encrypts=True)
    session.say(BLOCK)
    assert session.data_to_send()[16:] == BLOCK
    assert not session.encrypts


def test_what_does_not_fit_is_our_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        open_session().say(bytes(497))


@pytest.mark.parametrize("form", list(TalkForm))
@pytest.mark.parametrize("result", [1000, 1001])
def test_either_yes_is_one_byte_by_byte(form: TalkForm, result: int) -> None:
    session = make_session(form)
    reply = TalkStartReply(command=form + 100, result=result).encode()
    opened = []
    for byte in reply:
        session.receive_data(bytes([byte]))
        opened.append(session.next_event())
    assert opened == [NEED_DATA] * 7 + [TALK_OPENED] + [NEED_DATA] * 8
    session.receive_data(b"\xff" * 100)
    assert session.next_event() is NEED_DATA


@pytest.mark.parametrize(
    ("form", "reply"),
    [
        (TalkForm.TICKET, "dd010000 e9030000 00000000 00000000"),
        (TalkForm.LEGACY, "15010000 e8030000 00000000 00000000"),
    ],
)
def test_a_yes_as_section_4_has_it(form: TalkForm, reply: str) -> None:
    session = make_session(form)
    session.receive_data(bytes.fromhex(reply))
    assert session.next_event() is TALK_OPENED


def test_a_no_has_its_reason_where_settings_have_it() -> None:
    session = make_session()
    session.receive_data(bytes.fromhex("dd010000 d1070000 f4030000 00000000"))  # 2001, 1012
    with pytest.raises(CredentialsRefused):
        session.next_event()


@pytest.mark.parametrize(
    ("result", "reason", "kind"),
    [
        (-11, 0, TicketExpired),
        (2001, -12, TicketExpired),
        (1011, 0, CredentialsRefused),
        (2001, 1012, CredentialsRefused),
        (2002, 0, DeviceIdRefused),
        (2001, 1018, DeviceIdRefused),
        (1013, 0, Refused),
        (2001, 0, CameraBusy),
        (4711, 0, CameraBusy),
    ],
)
def test_a_no_says_why(result: int, reason: int, kind: type[Refused]) -> None:
    session = make_session()
    session.receive_data(TalkStartReply(command=477, result=result, reason=reason).encode())
    with pytest.raises(kind) as caught:
        session.next_event()
    assert type(caught.value) is kind


@pytest.mark.parametrize("command", [-100, -300])
def test_a_camera_that_does_not_know_it(command: int) -> None:
    session = make_session()
    session.receive_data(TalkStartReply(command=command, result=0).encode())
    with pytest.raises(UnsupportedFirmware, match="377"):
        session.next_event()


def test_a_short_no_counts_when_nothing_more_comes() -> None:
    session = make_session()
    session.receive_data(TalkStartReply(command=477, result=-11).encode()[:8])
    assert session.next_event() is NEED_DATA
    session.receive_eof()
    with pytest.raises(TicketExpired):
        session.next_event()


@given(data=st.binary(max_size=64), cut=st.integers(0, 64))
def test_garbage_is_refused_or_waited_for(data: bytes, cut: int) -> None:
    session = make_session()
    for piece in (data[:cut], data[cut:]):
        session.receive_data(piece)
        with contextlib.suppress(RemoteProtocolError, Refused):
            session.next_event()


def test_nothing_that_is_shown_has_the_password() -> None:
    start = LegacyTalkStart(username="admin", password="secret1", device_id=1)
    assert "secret1" not in repr(start)
    assert str(TICKET) not in repr(TalkStart(device_id=1, ticket=TICKET))
