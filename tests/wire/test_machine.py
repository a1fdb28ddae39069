"""Every conversation has one shape, and a silence means what each takes it for."""

import datetime as dt
import math
from typing import Any

import pytest

from tests.wire.machines import take_event
from v380cli.errors import UnsupportedFirmware
from v380cli.models import Device, Quality, Secret
from v380cli.wire.card.listing import QUIET_S as LIST_QUIET_S
from v380cli.wire.card.listing import FileAccess, FileListing, SegmentListing, Span
from v380cli.wire.card.playback import QUIET_S as PLAYBACK_QUIET_S
from v380cli.wire.card.playback import FilePlayback, SegmentPlayback
from v380cli.wire.card.segments import SegmentOpenReply, SegmentSearchReply
from v380cli.wire.card.words import CardEntry
from v380cli.wire.control import PresetAction
from v380cli.wire.login import QUIET_S as LOGIN_QUIET_S
from v380cli.wire.login import LoginExchange, LoginTicket
from v380cli.wire.machine import NEED_DATA, Machine
from v380cli.wire.presets import list_preset_forms
from v380cli.wire.provisioning import list_scan_forms
from v380cli.wire.session import LiveSession
from v380cli.wire.settings.exchange import SettingLogin
from v380cli.wire.talk import TalkForm, TalkSession

ID = 12345678
TICKET = LoginTicket(ticket=7, device_version=31, variant_name="x")
LOGIN = SettingLogin(device_id=ID, ticket=7, username="admin", password=Secret("x"))
NOON = dt.datetime(2026, 7, 1, 12)
SPAN = Span(NOON, NOON + dt.timedelta(hours=1))


def make_machines() -> list[Machine[Any]]:
    return [
        LiveSession(TICKET, ID, quality=Quality.HD, audio=True),
        SegmentPlayback(TICKET, ID, 1, NOON),
        FilePlayback(TICKET, 1, CardEntry(number=1, kind=1, start=NOON, end=NOON)),
        SegmentListing(ID, 7, SPAN),
        FileListing(1, SPAN, 1),
        FileAccess(Device(device_id=ID, host="camera")),
        LoginExchange(b"request"),
        TalkSession(LOGIN, TalkForm.TICKET, encrypts_media=False),
        list_preset_forms(PresetAction.SET, 1)[329](LOGIN),
        list_scan_forms()[310](LOGIN),
    ]


@pytest.mark.parametrize("machine", make_machines(), ids=lambda machine: type(machine).__name__)
def test_a_machine_asks_once_and_waits(machine: Machine[Any]) -> None:
    assert machine.next_event() is NEED_DATA
    machine.advance(100.0)
    assert machine.data_to_send()
    assert machine.data_to_send() == b""
    assert machine.next_deadline == math.inf
    machine.receive_eof()
    assert machine.next_event() is NEED_DATA, "an end without a byte is for the caller to judge"


@pytest.mark.parametrize("number", [-100, -300])
@pytest.mark.parametrize("machine", make_machines(), ids=lambda machine: type(machine).__name__)
def test_a_number_alone_tells_that_a_camera_does_not_know_it(
    machine: Machine[Any], number: int
) -> None:
    """No more of such a reply was ever published."""
    reply = number.to_bytes(4, "little", signed=True)
    if isinstance(machine, LoginExchange):
        machine.receive_data(reply)
        assert machine.may_be_whole
        return
    with pytest.raises(UnsupportedFirmware):
        machine.receive_data(reply)
        machine.next_event()


def test_a_log_in_reply_of_any_length_ends_with_quiet() -> None:
    exchange = LoginExchange(b"")
    exchange.receive_data(bytes(22))
    exchange.advance(10.0)
    assert exchange.next_deadline == math.inf
    exchange.receive_data(bytes(1))
    exchange.advance(11.0)
    assert exchange.next_deadline == 11.0 + LOGIN_QUIET_S
    exchange.receive_data(bytes(1))  # begins the quiet anew
    exchange.advance(20.0)
    assert exchange.next_event() is NEED_DATA
    exchange.advance(exchange.next_deadline)
    assert take_event(exchange) == bytes(24)


def test_a_list_without_an_end_ends_with_quiet_when_it_has_what_was_promised() -> None:
    listing = SegmentListing(ID, 7, SPAN)
    listing.receive_data(SegmentSearchReply(result=1, count=0).encode())
    listing.advance(10.0)
    assert listing.next_deadline == 10.0 + LIST_QUIET_S
    listing.advance(listing.next_deadline - 0.001)
    assert listing.next_event() is NEED_DATA
    listing.advance(listing.next_deadline)
    assert take_event(listing) == []


def test_a_playback_acknowledges_whenever_nothing_comes() -> None:
    session = SegmentPlayback(TICKET, ID, 1, NOON)
    session.receive_data(SegmentOpenReply(result=1000).encode())
    take_event(session)
    session.data_to_send()
    for now_s in (10.0, 50.0):
        session.advance(now_s)
        assert session.next_deadline == now_s + PLAYBACK_QUIET_S
        assert session.data_to_send() == b""
        session.advance(session.next_deadline)
        assert session.data_to_send()
