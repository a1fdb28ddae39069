"""Settings in both framings: golden bytes, what a reply means, what is carried on as it is."""

import contextlib
import datetime as dt
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.setting_frames import FRAMES
from tests.wire.machines import take_event
from v380cli.errors import InvalidInput, Refused, RemoteProtocolError, UnsupportedFirmware
from v380cli.models import Secret
from v380cli.wire.crypto import PasswordForm
from v380cli.wire.machine import NEED_DATA, NeedData
from v380cli.wire.settings.address import ADDRESS, Address, AddressMode, check_address
from v380cli.wire.settings.alarm import ALARM, ARMING, Alarm, Arming, Language, Switch
from v380cli.wire.settings.clock import CLOCK, Clock
from v380cli.wire.settings.exchange import SettingLogin
from v380cli.wire.settings.light import LIGHT, Light
from v380cli.wire.settings.record import (
    RECORD,
    CardCondition,
    PictureSize,
    RecordPlan,
    RecordSwitch,
    Sound,
    WhenFull,
    list_format_forms,
)
from v380cli.wire.settings.subject import Subject, share, spell
from v380cli.wire.settings.users import USER, Account, User, list_account_forms
from v380cli.wire.versions import VERSIONS, Update, Versions, list_update_forms

LOGIN = SettingLogin(device_id=12345678, ticket=0x11223344, username="admin", password=Secret("pw"))

PLAN = RecordPlan(
    always=RecordSwitch.ON,
    on_alarm=RecordSwitch.OFF,
    full=WhenFull.STOP,
    size=PictureSize.P960,
    sound=Sound.OFF,
    card=CardCondition.WRITE_ERROR,
    card_size=30436,
    card_free=1234,
    can_format=1,
    size_flags=bytes([1, 0, 0, 1, 0, 0, 0]),
)
TIME = Clock(text="2026-11-24 08:30:05", format=7, zone=21, zone_on=1, zone_offset=-3600)
WINDOWS, GRID = bytes(range(1, 22)), b"\xa5" + bytes(174) + b"\x5a"
WATCH = Alarm(
    has_voice=Switch.ON,
    voice=Switch.OFF,
    voice_on_alarm=Switch.ON,
    language=Language.CHINESE,
    has_io=Switch.OFF,
    io_mode=12,
    has_alarm=Switch.ON,
    alarm=Switch.OFF,
    motion=Switch.ON,
    pir=0,
    smoke=1234,
    can_schedule=1,
    window_count=2,
    windows=WINDOWS,
    rows=8,
    columns=22,
    grid=GRID,
)
LAMP = Light(
    pir_sensitivity=3, brightness=200, seconds=300, photo_sensitivity=2, motion_sensitivity=1
)
PLACE = Address(
    mode=AddressMode.STATIC,
    ip="192.168.1.60",
    mask="255.255.255.0",
    gateway="192.168.1.1",
    dns="9.9.9.9",
    dns2="1.1.1.1",
)
OWNER = User(user_id=1, name="admin")
PARTS = Versions(
    app="App_1.2",
    app_date="2026-05-04",
    kernel="K_3.4",
    kernel_date="2025-11-20",
    hardware="HW_7",
    hardware_date="2025-01-15",
    update=1,
    update_number=77,
    new_name="App_1.3",
)

# a subject, a value, and the numbers of the requests that read it
READ: list[tuple[Subject[Any], Any, list[int]]] = [
    (RECORD, PLAN, [313, 113]),
    (CLOCK, TIME, [315, 115]),
    (ALARM, WATCH, [321, 121]),
    (ARMING, Arming(alarm=Switch.OFF), [321, 121]),
    (LIGHT, LAMP, [347]),
    (ADDRESS, PLACE, [342, 142]),
    (USER, OWNER, [317, 117]),
    (VERSIONS, PARTS, [319, 119]),
]

# a subject, a value, and the numbers of the requests that set it
SET: list[tuple[Subject[Any], Any, list[int]]] = [
    (RECORD, PLAN, [314, 114]),
    (CLOCK, TIME, [316, 116]),
    (ALARM, WATCH, [322, 122]),
    (ARMING, Arming(alarm=Switch.ON), [344, 144]),
    (LIGHT, LAMP, [348]),
    (ADDRESS, PLACE, [343, 143]),
]


def name(entry: Any) -> str:
    return entry.name if isinstance(entry, Subject) else ""


each_read = pytest.mark.parametrize(("subject", "value", "numbers"), READ, ids=name)
each_set = pytest.mark.parametrize(("subject", "value", "numbers"), SET, ids=name)


@each_read
def test_a_question_is_a_head_and_the_newest_form_comes_first(
    subject: Subject[Any], value: Any, numbers: list[int]
) -> None:
    forms = subject.list_get_forms()
    assert list(forms) == numbers
    for number, form in forms.items():
        assert form(LOGIN).data_to_send().hex(" ") == FRAMES[number].hex(" ")


@each_read
@pytest.mark.parametrize("step", [1, 100, 1000])
def test_both_framings_have_the_same_value(
    subject: Subject[Any], value: Any, numbers: list[int], step: int
) -> None:
    for number, form in subject.list_get_forms().items():
        exchange, reply = form(LOGIN), FRAMES[number + 100]
        for start in range(0, len(reply), step):
            assert exchange.next_event() is NEED_DATA
            exchange.receive_data(reply[start : start + step])
        assert exchange.next_event() == value


@pytest.mark.parametrize(
    ("subject", "value", "numbers"),
    [entry for entry in READ if entry[0] not in (ARMING, USER)],  # which leave something out
    ids=name,
)
def test_a_simulated_camera_answers_in_the_same_bytes(
    subject: Subject[Any], value: Any, numbers: list[int]
) -> None:
    for framing in subject.framings:
        reply = framing.reply(**share(value, framing.reply))
        assert reply.encode().hex(" ") == FRAMES[framing.get + 100].hex(" ")


@each_set
def test_a_change_in_both_framings(subject: Subject[Any], value: Any, numbers: list[int]) -> None:
    sent = {
        number: form(LOGIN).data_to_send() for number, form in subject.list_set_forms(value).items()
    }
    assert list(sent) == numbers
    for number in numbers:
        assert sent[number].hex(" ") == FRAMES[number].hex(" ")


@each_set
def test_a_yes_in_both_framings(subject: Subject[Any], value: Any, numbers: list[int]) -> None:
    for number, form in subject.list_set_forms(value).items():
        exchange = form(LOGIN)
        exchange.receive_data(FRAMES[number + 100])
        assert take_event(exchange).result == 1001


def test_everything_that_can_be_set_is_tested_so() -> None:
    settable = {subject.name for subject, _, _ in READ if subject.list_sent()}
    assert settable == {subject.name for subject, _, _ in SET}


@each_read
@given(data=st.binary(max_size=420))
def test_any_bytes_are_a_value_or_a_remote_error(
    subject: Subject[Any], value: Any, numbers: list[int], data: bytes
) -> None:
    for number, form in subject.list_get_forms().items():
        for head in (b"", FRAMES[number + 100][:8]):
            exchange = form(LOGIN)
            exchange.receive_data(head + data)
            exchange.receive_eof()
            with contextlib.suppress(Refused, RemoteProtocolError):
                assert isinstance(exchange.next_event(), type(value) if head + data else NeedData)


@each_read
def test_a_reply_that_breaks_off_is_no_value(
    subject: Subject[Any], value: Any, numbers: list[int]
) -> None:
    for number, form in subject.list_get_forms().items():
        exchange = form(LOGIN)
        exchange.receive_data(FRAMES[number + 100][:12])
        assert exchange.next_event() is NEED_DATA
        exchange.receive_eof()
        with pytest.raises(RemoteProtocolError):
            exchange.next_event()


def test_the_password_that_a_camera_shows_is_not_read() -> None:
    for number, form in USER.list_get_forms().items():
        exchange = form(LOGIN)
        exchange.receive_data(FRAMES[number + 100])
        assert "shown-in-clear" not in repr(exchange.next_event())


def test_numbers_have_words_and_unknown_ones_are_carried() -> None:
    assert [spell(PLAN.size), spell(PLAN.always), spell(PLAN.card)] == [
        "960p",
        "on",
        "write-error",
    ]
    assert (spell(WATCH.smoke), spell(WATCH.pir)) == (1234, 0)
    assert type(WATCH.smoke) is int
    assert spell(b"\1\xff") == "01ff"
    assert PLAN.sizes == (PictureSize.P1080, PictureSize.VGA)


def test_every_word_of_a_kind_differs() -> None:
    for kind in (RecordSwitch, WhenFull, PictureSize, Sound, CardCondition, Switch, Language):
        assert len({member.word for member in kind}) == len(kind)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-24 08:30:05", dt.datetime(2026, 11, 24, 8, 30, 5)),
        ("2026/1/2  3:4:5", dt.datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-13-24 08:30:05", None),
        ("", None),
        ("12:00", None),
    ],
)
def test_what_a_clock_shows(text: str, time: dt.datetime | None) -> None:
    assert Clock(text=text).time == time


def test_the_card_is_formatted_in_both_framings() -> None:
    requests = {number: form(LOGIN).data_to_send() for number, form in list_format_forms().items()}
    assert requests == {number: FRAMES[number] for number in (341, 141)}
    for number, form in list_format_forms().items():
        exchange = form(LOGIN)
        exchange.receive_data(FRAMES[number + 100])
        assert take_event(exchange).result == 1001


def test_a_look_for_newer_firmware() -> None:
    (exchange,) = (form(LOGIN) for form in list_update_forms().values())
    assert exchange.data_to_send() == FRAMES[327]
    exchange.receive_data(FRAMES[427])
    assert exchange.next_event() == Update(
        number=10,
        name="App_1.2",
        date="2026-05-04",
        new_number=11,
        new_name="App_1.3",
        new_date="2026-10-01",
        notes="better",
    )


@pytest.mark.parametrize(
    "reply",
    [
        "ab010000 fb030000",
        "ab010000 d1070000 fb030000",
    ],
)
def test_nothing_newer_is_an_answer(reply: str) -> None:
    (exchange,) = (form(LOGIN) for form in list_update_forms().values())
    exchange.receive_data(bytes.fromhex(reply).ljust(256, b"\0"))
    assert exchange.next_event() == Update()


def test_a_camera_without_internet_cannot_look() -> None:
    (exchange,) = (form(LOGIN) for form in list_update_forms().values())
    exchange.receive_data(bytes.fromhex("ab010000 fc030000").ljust(256, b"\0"))
    with pytest.raises(Refused, match="no network"):
        exchange.next_event()


def test_unsupported() -> None:
    exchange = LIGHT.list_get_forms()[347](LOGIN)
    exchange.receive_data(bytes.fromhex("9cffffff").ljust(256, b"\0"))
    with pytest.raises(UnsupportedFirmware, match="347"):
        exchange.next_event()


def test_a_user_by_another_name() -> None:
    key = b"0123456789abcdef"
    forms = list_account_forms(
        Account(user_id=5, name="operator", password=Secret("secret1")), PasswordForm.ZERO48, key
    )
    assert list(forms) == [318, 118]
    new = forms[318](LOGIN).data_to_send()
    head = bytes.fromhex("3e010000 4e61bc00 01 44332211")
    assert (new[:13], new[13:21], new[45:61]) == (head, b"operator", key)
    assert b"secret1" not in new
    assert forms[118](LOGIN).data_to_send() == FRAMES[118]
    for number, form in forms.items():
        exchange = form(LOGIN)
        exchange.receive_data(FRAMES[number + 100])
        assert take_event(exchange).result == 1001


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ip": ""}, "not an address with a netmask"),
        ({"ip": "192.168.1.256"}, "not an address with a netmask"),
        ({"mask": ""}, "not an address with a netmask"),
        ({"mask": "255.0.255.0"}, "not an address with a netmask"),
        ({"mask": "0.0.0.255"}, "not an address with a netmask"),
        ({"mask": "0.0.0.0"}, "not an address with a netmask"),
        ({"ip": "224.0.0.5"}, "not an address with a netmask"),
        ({"ip": "192.168.1.0"}, "not a host"),
        ({"ip": "192.168.1.255"}, "not a host"),
        ({"gateway": "192.168.2.1"}, "not in the network"),
        ({"gateway": "router"}, "not in the network"),
        ({"gateway": "192.168.1.60"}, "and its gateway"),
    ],
)
def test_an_address_that_cannot_be(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        check_address(replace(PLACE, **changes))  # type: ignore[arg-type]  # texts only


def test_an_address_that_can_be() -> None:
    check_address(PLACE)
    check_address(replace(PLACE, gateway="", dns="", dns2=""))
    check_address(Address(mode=AddressMode.DHCP, ip="whatever"))


def test_a_value_and_its_messages_agree_in_names() -> None:
    """That is all that ties them together."""
    for subject, value, _ in SET:
        for framing in subject.framings:
            assert framing.request
            heads = {"command", "device_id", "setting_version", "ticket", "username", "password"}
            sent = {f.name for f in fields(framing.request)} - heads - {"has_schedule"}
            assert sent <= {f.name for f in fields(value)}
