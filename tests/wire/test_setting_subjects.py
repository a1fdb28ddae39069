"""Settings in both framings: golden bytes by hand from the tables of PROTOCOL.md, section 5b."""

import contextlib
import datetime as dt
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.errors import InvalidInput, Refused, RemoteProtocolError, UnsupportedFirmware
from v380cli.models import Secret
from v380cli.wire.address_settings import ADDRESS, Address, AddressMode, check_address
from v380cli.wire.alarm_settings import ALARM, ARMING, Alarm, Arming, Language, Switch
from v380cli.wire.clock_settings import CLOCK, Clock
from v380cli.wire.crypto import PasswordForm
from v380cli.wire.light_settings import LIGHT, Light
from v380cli.wire.record_settings import (
    RECORD,
    CardCondition,
    PictureSize,
    RecordPlan,
    RecordSwitch,
    Sound,
    WhenFull,
    list_format_forms,
)
from v380cli.wire.settings import SettingLogin
from v380cli.wire.subject import Subject, spell
from v380cli.wire.user_settings import USER, Account, User, list_account_forms
from v380cli.wire.versions import VERSIONS, Update, Versions, list_update_forms

LOGIN = SettingLogin(device_id=12345678, ticket=0x11223344, username="admin", password=Secret("pw"))
ID = bytes.fromhex("4e61bc00")
TICKET = bytes.fromhex("44332211")
USER_FIELDS = b"admin".ljust(32, b"\0") + b"pw".ljust(32, b"\0")


def put(size: int, fields: dict[int, bytes]) -> bytes:
    """A frame of zeros with these bytes at these offsets."""
    data = bytearray(size)
    for offset, value in fields.items():
        data[offset : offset + len(value)] = value
    return bytes(data)


def u16(value: int) -> bytes:
    return value.to_bytes(2, "little", signed=value < 0)


def i32(value: int) -> bytes:
    return value.to_bytes(4, "little", signed=True)


def ex(number: int, arguments: dict[int, bytes] | None = None) -> bytes:
    """An EX request: section 1a, then the arguments."""
    return put(256, {0: i32(number), 4: ID, 8: b"\1", 9: TICKET, **(arguments or {})})


def legacy(number: int, arguments: dict[int, bytes]) -> bytes:
    """A legacy request: user and password in clear, then the arguments."""
    return put(412, {0: i32(number), 4: USER_FIELDS, **arguments})


def ex_reply(number: int, values: dict[int, bytes]) -> bytes:
    return put(256, {0: i32(number), 4: i32(1001), 8: b"\1", **values})


def legacy_reply(number: int, values: dict[int, bytes]) -> bytes:
    return put(412, {0: i32(number), 4: i32(1001), **values})


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
PLAN_BYTES = (i32(1100), i32(1200), i32(1400), i32(30436), i32(1234))
PLAN_END = (bytes([1, 0, 0, 1, 0, 0, 0]), u16(1007), u16(1001), u16(-12), b"\1")
TIME = Clock(text="2026-11-24 08:30:05", format=7, zone=21, zone_on=1, zone_offset=-3600)
TIME_BYTES = (i32(7), b"2026-11-24 08:30:05", i32(21), b"\1", i32(-3600))
WINDOWS, GRID = bytes(range(1, 22)), bytes(range(1, 177))
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
WATCH_NUMBERS = (1000, 1001, 1000, 1000, 1001, 12, 1000, 1001, 1000, 0, 1234)
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
PLACE_BYTES = (b"\1", b"192.168.1.60", b"255.255.255.0", b"192.168.1.1", b"9.9.9.9", b"1.1.1.1")
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
PARTS_BYTES = (
    *(b"App_1.2", b"2026-05-04", b"K_3.4", b"2025-11-20", b"HW_7", b"2025-01-15"),
    *(b"\1", i32(77), b"App_1.3"),
)


def at(offsets: list[int], values: tuple[bytes, ...]) -> dict[int, bytes]:
    return dict(zip(offsets, values, strict=True))


def numbers_at(first: int) -> dict[int, bytes]:
    """The eleven numbers of an alarm, four bytes each."""
    return {first + 4 * index: i32(number) for index, number in enumerate(WATCH_NUMBERS)}


# subject, value, replies of both framings
READ: list[tuple[Subject[Any], Any, dict[int, bytes]]] = [
    (
        RECORD,
        PLAN,
        {
            313: ex_reply(413, at([9, 13, 17, 21, 25, 29, 37, 39, 41, 43], PLAN_BYTES + PLAN_END)),
            113: legacy_reply(
                213, at([8, 12, 16, 20, 24, 28, 36, 38, 40, 42], PLAN_BYTES + PLAN_END)
            ),
        },
    ),
    (
        CLOCK,
        TIME,
        {
            315: ex_reply(415, at([9, 13, 45, 49, 50], TIME_BYTES)),
            115: legacy_reply(215, at([8, 12, 44, 48, 49], TIME_BYTES)),
        },
    ),
    (
        ALARM,
        WATCH,
        {
            321: ex_reply(
                421,
                numbers_at(9) | {53: b"\1\2", 55: WINDOWS, 76: bytes([8, 22]), 78: GRID},
            ),
            121: legacy_reply(
                221,
                numbers_at(8) | {52: b"\1\2", 54: WINDOWS, 75: bytes([8, 22]), 77: GRID},
            ),
        },
    ),
    (
        ARMING,
        Arming(alarm=Switch.OFF),
        {321: ex_reply(421, numbers_at(9)), 121: legacy_reply(221, numbers_at(8))},
    ),
    (
        LIGHT,
        LAMP,
        {347: ex_reply(447, {9: bytes([3, 200]), 11: u16(300), 13: bytes([2, 1])})},
    ),
    (
        ADDRESS,
        PLACE,
        {
            342: ex_reply(442, at([9, 10, 26, 42, 58, 74], PLACE_BYTES)),
            142: legacy_reply(242, at([8, 9, 25, 41, 57, 73], PLACE_BYTES)),
        },
    ),
    (
        USER,
        OWNER,
        {
            317: ex_reply(417, {17: i32(1), 21: b"admin", 53: b"shown-in-clear"}),
            117: legacy_reply(217, {8: i32(1), 16: i32(1), 20: b"admin", 52: b"shown-in-clear"}),
        },
    ),
    (
        VERSIONS,
        PARTS,
        {
            319: ex_reply(419, at([9, 41, 51, 83, 93, 125, 135, 136, 140], PARTS_BYTES)),
            119: legacy_reply(219, at([8, 72, 82, 146, 156, 220, 230, 231, 235], PARTS_BYTES)),
        },
    ),
]

# subject, value, requests of both framings
SET: list[tuple[Subject[Any], Any, dict[int, bytes]]] = [
    (
        RECORD,
        PLAN,
        {
            314: ex(
                314,
                {13: i32(1100), 17: i32(1200), 21: i32(1400), 25: u16(1007), 27: u16(1001)},
            ),
            114: legacy(
                114,
                {68: i32(1100), 72: i32(1200), 76: i32(1400), 80: ID, 84: u16(1007)}
                | {86: u16(1001)},
            ),
        },
    ),
    (
        CLOCK,
        TIME,
        {
            316: ex(316, at([13, 17, 49, 53, 54], TIME_BYTES)),
            116: legacy(116, at([68, 72, 108, 112, 113], TIME_BYTES) | {104: ID}),
        },
    ),
    (
        ALARM,
        WATCH,
        {
            322: ex(322, numbers_at(13) | {57: b"\1\2", 59: WINDOWS, 80: GRID}),
            122: legacy(122, numbers_at(68) | {112: ID, 116: b"\1\2", 118: WINDOWS, 139: GRID}),
        },
    ),
    (
        ARMING,
        Arming(alarm=Switch.ON),
        {344: ex(344, {13: i32(1000)}), 144: legacy(144, {68: ID, 72: i32(1000)})},
    ),
    (
        LIGHT,
        LAMP,
        {348: ex(348, {13: bytes([3, 200]), 15: u16(300), 17: bytes([2, 1])})},
    ),
    (
        ADDRESS,
        PLACE,
        {
            343: ex(343, at([13, 14, 30, 46, 62, 78], PLACE_BYTES)),
            143: legacy(143, at([72, 73, 89, 105, 121, 137], PLACE_BYTES) | {68: ID}),
        },
    ),
]


def name(entry: Any) -> str:
    return entry.name if isinstance(entry, Subject) else ""


each_read = pytest.mark.parametrize(("subject", "value", "replies"), READ, ids=name)


@each_read
def test_a_question_is_a_head_and_the_newest_form_comes_first(
    subject: Subject[Any], value: Any, replies: dict[int, bytes]
) -> None:
    forms = subject.list_get_forms()
    assert list(forms) == list(replies)
    for number, form in forms.items():
        wanted = ex(number) if number > 300 else legacy(number, {68: ID})
        assert form(LOGIN).request == wanted


@each_read
@pytest.mark.parametrize("step", [1, 100, 1000])
def test_both_framings_have_the_same_value(
    subject: Subject[Any], value: Any, replies: dict[int, bytes], step: int
) -> None:
    for number, form in subject.list_get_forms().items():
        exchange = form(LOGIN)
        for start in range(0, len(replies[number]), step):
            assert not exchange.is_complete
            exchange.receive_data(replies[number][start : start + step])
        assert exchange.is_complete
        assert exchange.finish() == value


@pytest.mark.parametrize(("subject", "value", "requests"), SET, ids=name)
def test_a_change_in_both_framings(
    subject: Subject[Any], value: Any, requests: dict[int, bytes]
) -> None:
    sent = {number: form(LOGIN).request for number, form in subject.list_set_forms(value).items()}
    assert list(sent) == list(requests)
    for number, request in requests.items():
        assert sent[number].hex(" ") == request.hex(" ")


def test_everything_that_can_be_set_is_tested_so() -> None:
    settable = {subject.name for subject, _, _ in READ if subject.is_settable}
    assert settable == {subject.name for subject, _, _ in SET}


@each_read
@given(data=st.binary(max_size=420))
def test_any_bytes_are_a_value_or_a_remote_error(
    subject: Subject[Any], value: Any, replies: dict[int, bytes], data: bytes
) -> None:
    for number, form in subject.list_get_forms().items():
        for head in (b"", replies[number][:8]):
            exchange = form(LOGIN)
            exchange.receive_data(head + data)
            with contextlib.suppress(Refused, RemoteProtocolError):
                assert isinstance(exchange.finish(), type(value))


@each_read
def test_a_reply_that_breaks_off_is_no_value(
    subject: Subject[Any], value: Any, replies: dict[int, bytes]
) -> None:
    for number, form in subject.list_get_forms().items():
        exchange = form(LOGIN)
        exchange.receive_data(replies[number][:12])
        with pytest.raises(RemoteProtocolError):
            exchange.finish()


def test_the_password_that_a_camera_shows_is_not_read() -> None:
    for number, form in USER.list_get_forms().items():
        exchange = form(LOGIN)
        exchange.receive_data(READ[6][2][number])
        assert "shown-in-clear" not in repr(exchange.finish())


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
    requests = {number: form(LOGIN).request for number, form in list_format_forms().items()}
    assert requests == {341: ex(341), 141: legacy(141, {68: ID})}


def test_a_look_for_newer_firmware() -> None:
    (exchange,) = (form(LOGIN) for form in list_update_forms().values())
    assert exchange.request == ex(327)
    exchange.receive_data(
        ex_reply(
            427,
            {9: i32(10), 13: b"App_1.2", 45: b"2026-05-04", 65: i32(11), 69: b"App_1.3"}
            | {101: b"2026-10-01", 121: b"better"},
        )
    )
    assert exchange.finish() == Update(
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
        put(256, {0: i32(427), 4: i32(1019)}),
        put(256, {0: i32(427), 4: i32(2001), 8: i32(1019)}),
    ],
)
def test_nothing_newer_is_an_answer(reply: bytes) -> None:
    (exchange,) = (form(LOGIN) for form in list_update_forms().values())
    exchange.receive_data(reply)
    assert exchange.is_complete
    assert exchange.finish() == Update()


def test_a_camera_without_internet_cannot_look() -> None:
    (exchange,) = (form(LOGIN) for form in list_update_forms().values())
    exchange.receive_data(put(256, {0: i32(427), 4: i32(1020)}))
    with pytest.raises(Refused, match="no network"):
        exchange.finish()


def test_unsupported() -> None:
    exchange = LIGHT.list_get_forms()[347](LOGIN)
    exchange.receive_data(put(256, {0: i32(-100)}))
    with pytest.raises(UnsupportedFirmware, match="347"):
        exchange.finish()


def test_a_user_by_another_name() -> None:
    key = b"0123456789abcdef"
    forms = list_account_forms(
        Account(user_id=5, name="operator", password=Secret("secret1")), PasswordForm.ZERO48, key
    )
    assert list(forms) == [318, 118]
    new = forms[318](LOGIN).request
    assert (new[:13], new[13:21], new[45:61]) == (ex(318)[:13], b"operator", key)
    assert b"secret1" not in new
    assert forms[118](LOGIN).request == legacy(
        118, {68: i32(5), 72: b"operator", 104: b"secret1", 136: ID}
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ip": ""}, "no address with a netmask"),
        ({"ip": "192.168.1.256"}, "no address with a netmask"),
        ({"mask": ""}, "no address with a netmask"),
        ({"mask": "255.0.255.0"}, "no address with a netmask"),
        ({"ip": "192.168.1.0"}, "no host"),
        ({"ip": "192.168.1.255"}, "no host"),
        ({"gateway": "192.168.2.1"}, "not in the network"),
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
