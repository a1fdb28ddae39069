"""The shared pieces of settings: frames, replies of any size, and what a no means."""

import contextlib
from dataclasses import dataclass
from typing import Annotated, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.machines import take_event
from v380cli.errors import (
    CredentialsRefused,
    DeviceIdRefused,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.wire.layout import I32
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.refusals import TicketExpired
from v380cli.wire.settings.exchange import (
    LegacySettingRequest,
    SettingExchange,
    SettingReply,
    SettingRequest,
)

DEVICE_ID, TICKET = 12345678, 0x11223344
COMMAND = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReply(SettingReply):
    """A GET with one value at [13]."""

    SIZE: ClassVar[int] = 256
    value: Annotated[int, I32.at(13)] = 0


def make_exchange() -> SettingExchange[SettingReply]:
    request = SettingRequest(command=COMMAND, device_id=DEVICE_ID, ticket=TICKET)
    return SettingExchange(request, SettingReply)


def answer(command: int, result: int, reason: int = 0) -> bytes:
    return SettingReply(command=command, result=result, reason=reason).encode()


def test_an_ex_request_begins_as_section_1a_says() -> None:
    golden = bytes.fromhex("40010000 4e61bc00 01 44332211")
    assert make_exchange().data_to_send() == golden.ljust(256, b"\0")


def test_a_legacy_request_carries_user_and_password_in_clear() -> None:
    request = LegacySettingRequest(command=111, username="admin", password="secret1")
    golden = b"\x6f\0\0\0" + b"admin".ljust(32, b"\0") + b"secret1"
    assert request.encode() == golden.ljust(412, b"\0")
    assert "secret1" not in repr(request)


@pytest.mark.parametrize("step", [1, 7, 32])
def test_a_reply_in_pieces_is_the_reply(step: int) -> None:
    exchange, data = make_exchange(), answer(420, 1001)
    for start in range(0, len(data), step):
        assert exchange.next_event() is NEED_DATA
        exchange.receive_data(data[start : start + step])
    assert take_event(exchange).result == 1001


def test_a_get_waits_for_its_values_and_reads_them() -> None:
    exchange = SettingExchange(SettingRequest(command=315), GetReply)
    data = GetReply(command=415, value=77).encode()
    exchange.receive_data(data[:200])
    assert exchange.next_event() is NEED_DATA
    exchange.receive_data(data[200:] + b"more than was asked for")
    assert exchange.next_event().value == 77


def test_a_refusal_is_not_waited_for_in_full() -> None:
    exchange = SettingExchange(SettingRequest(command=315), GetReply)
    exchange.receive_data(answer(415, 2001, 1013)[:12])
    with pytest.raises(Refused):
        exchange.next_event()


@pytest.mark.parametrize("number", [-100, -300])
def test_unsupported(number: int) -> None:
    exchange = make_exchange()
    exchange.receive_data(answer(number, 0))
    with pytest.raises(UnsupportedFirmware, match="320"):
        exchange.next_event()


@pytest.mark.parametrize(
    ("result", "reason", "error"),
    [
        (2001, -11, TicketExpired),
        (2002, -12, TicketExpired),
        (-11, 0, TicketExpired),
        (2001, 1011, CredentialsRefused),
        (2001, 1012, CredentialsRefused),
        (1012, 0, CredentialsRefused),
        (1002, 0, CredentialsRefused),
        (2001, 1018, DeviceIdRefused),
        (2001, 1016, Refused),
        (2001, 4711, Refused),
    ],
)
def test_what_a_no_means(result: int, reason: int, error: type[V380Error]) -> None:
    exchange = make_exchange()
    exchange.receive_data(answer(420, result, reason))
    with pytest.raises(error) as caught:
        exchange.next_event()
    assert type(caught.value) is error


def test_the_reason_is_told() -> None:
    exchange = make_exchange()
    exchange.receive_data(bytes.fromhex("a4010000 d1070000 f8030000"))  # 420, 2001, 1016
    with pytest.raises(Refused, match="Wi-Fi password"):
        exchange.next_event()


def test_the_reply_to_another_command_is_refused() -> None:
    exchange = make_exchange()
    exchange.receive_data(answer(411, 1001))
    with pytest.raises(RemoteProtocolError, match="411"):
        exchange.next_event()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reply_or_a_remote_error(data: bytes) -> None:
    exchange = make_exchange()
    exchange.receive_data(data)
    exchange.receive_eof()
    with contextlib.suppress(Refused, RemoteProtocolError):
        exchange.next_event()
