"""Wi-Fi settings: golden bytes by hand from the tables of section 1a, checks, the scan."""

import contextlib
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.recorded import load_recorded
from tests.golden.vectors import VECTORS, read_packet
from tests.wire.machines import take_event
from tests.wire.test_smartlink import GBK_LETTERS
from v380cli.errors import InvalidInput, Refused, RemoteProtocolError, UnsupportedFirmware
from v380cli.models import Secret
from v380cli.wire.crypto import PasswordForm, decrypt_password, encrypt_password
from v380cli.wire.layout import Message
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.provisioning import (
    ScanExchange,
    WifiSettings,
    check_wifi,
    find_danger,
    format_template,
    format_wifi_uri,
    is_hotspot,
    list_scan_forms,
    list_state_forms,
    list_wifi_forms,
    parse_hotspot,
)
from v380cli.wire.refusals import TicketExpired
from v380cli.wire.settings.exchange import SettingLogin, SettingRequest
from v380cli.wire.settings.users import Account, list_account_forms
from v380cli.wire.settings.wifi import LegacyNetworkStateReply, NetworkStateReply, ScanFrame

LOGIN = SettingLogin(device_id=12345678, ticket=0x11223344, username="admin", password=Secret("pw"))
HOME = WifiSettings(ssid="home", psk=Secret("secret99"))
ID = bytes.fromhex("4e61bc00")
USER = b"admin".ljust(32, b"\0") + b"pw".ljust(32, b"\0")


def put(size: int, **fields: bytes) -> bytes:
    """A frame of zeros with these bytes at these offsets (`at_8=...`)."""
    data = bytearray(size)
    for name, value in fields.items():
        offset = int(name.removeprefix("at_"))
        data[offset : offset + len(value)] = value
    return bytes(data)


def i32(value: int) -> bytes:
    return value.to_bytes(4, "little", signed=True)


GOLDEN = {
    320: read_packet("set_wifi"),
    120: put(
        412,
        at_0=i32(120),
        at_4=USER,
        at_68=i32(1002),
        at_72=b"home",
        at_136=b"secret99",
        at_168=ID,
    ),
    112: put(
        412,
        at_0=i32(112),
        at_4=USER,
        at_68=i32(1000),
        at_168=i32(1001),
        at_172=b"home",
        at_236=b"secret99",
        at_268=ID,
    ),
}


def test_set_wifi_in_its_three_forms_newest_first() -> None:
    requests = {
        command: form(LOGIN).data_to_send() for command, form in list_wifi_forms(HOME).items()
    }
    assert requests == GOLDEN
    assert list(requests) == [320, 120, 112]


def test_an_ssid_goes_out_in_gbk() -> None:
    wifi = WifiSettings(ssid="客厅", psk=Secret())
    request = list_wifi_forms(wifi)[320](LOGIN).data_to_send()
    assert request[17:22] == bytes.fromhex("bfcdccfc00")


@pytest.mark.parametrize("command", [311, 310])
def test_ex_questions_have_a_header_only(command: int) -> None:
    forms = {**list_state_forms(), **list_scan_forms()}
    header = i32(command) + ID + b"\x01" + bytes.fromhex("44332211")
    assert forms[command](LOGIN).data_to_send() == header.ljust(256, b"\0")


@pytest.mark.parametrize("command", [111, 110])
def test_legacy_questions_have_user_and_id(command: int) -> None:
    forms = {**list_state_forms(), **list_scan_forms()}
    assert forms[command](LOGIN).data_to_send() == put(412, at_0=i32(command), at_4=USER, at_68=ID)


VECTOR = next(entry for entry in VECTORS["login"] if entry["password"] == "secret1")


def test_a_new_device_password() -> None:
    random_key = bytes.fromhex(VECTOR["random_key"])
    forms = list_account_forms(Account(password=Secret("secret1")), PasswordForm.ZERO48, random_key)
    assert forms[318](LOGIN).data_to_send() == put(
        256,
        at_0=bytes.fromhex("3e010000 4e61bc00 01 44332211"),
        at_13=b"admin",
        at_45=random_key,
        at_61=bytes.fromhex(VECTOR["zero48"]),
    )
    assert forms[118](LOGIN).data_to_send() == put(
        412, at_0=i32(118), at_4=USER, at_72=b"admin", at_104=b"secret1", at_136=ID
    )


STATES: list[tuple[type[Message], bytes]] = [
    (
        NetworkStateReply,
        put(
            256,
            at_0=i32(411),
            at_4=i32(1001),
            at_8=b"\x01",
            at_9=i32(1001),
            at_13=b"MV12345678",
            at_77=b"hotspot-psk",
            at_109=i32(1001),
            at_113="客厅".encode("gbk"),
            at_177=b"station-psk",
        ),
    ),
    (
        LegacyNetworkStateReply,
        put(
            412,
            at_0=i32(211),
            at_4=i32(1001),
            at_8=i32(1001),
            at_12=b"MV12345678",
            at_76=b"hotspot-psk",
            at_108=i32(1001),
            at_112="客厅".encode("gbk"),
            at_176=b"station-psk",
        ),
    ),
]


@pytest.mark.parametrize(("kind", "data"), STATES)
def test_the_state_is_read_but_not_its_passwords(kind: type[Message], data: bytes) -> None:
    form = {**list_state_forms()}[311 if kind is NetworkStateReply else 111]
    exchange = form(LOGIN)
    exchange.receive_data(data)
    state = take_event(exchange)
    assert (state.mode, state.hotspot_ssid, state.has_station) == (1001, "MV12345678", 1001)
    assert state.ssid == "客厅"
    assert state.psk_begin == ord("s"), "enough to know that there is one"
    assert "psk" not in repr(state)


def make_frame(index: int, count: int, ssid: str, **fields: Any) -> bytes:
    frame = ScanFrame(command=410, index=index, count=count, ssid=ssid, **fields)
    return frame.encode()


WAIT = i32(510).ljust(256, b"\0")
SCAN = (
    WAIT
    + make_frame(0, 3, "far", signal=20)
    + WAIT
    + make_frame(1, 3, "near", signal=90, frequency=5180, is_encrypted=1)
    + make_frame(2, 3, "客厅", signal=50, frequency=2412)
)


@pytest.mark.parametrize(("number", "size"), [(410, 256), (210, 412)])
def test_a_network_that_was_seen_in_both_framings(number: int, size: int) -> None:
    golden = put(
        size,
        at_0=i32(number) + bytes.fromhex("03000000 02000000"),
        at_12=b"00:11:22:33:44:55",
        at_32=bytes.fromhex("3c140000 5a000000 01000000"),  # 5180 MHz, 90, encrypted
        at_44="客厅".encode("gbk"),
        at_108=b"WPA2-PSK",
    )
    frame = ScanFrame(
        command=number,
        count=3,
        index=2,
        bssid="00:11:22:33:44:55",
        frequency=5180,
        signal=90,
        is_encrypted=1,
        ssid="客厅",
        security="WPA2-PSK",
    )
    assert ScanFrame.decode(golden) == frame
    assert frame.encode().ljust(size, b"\0") == golden


def make_scan() -> ScanExchange:
    return ScanExchange(SettingRequest(command=310), 256)


@pytest.mark.parametrize("step", [1, 100, 256, len(SCAN)])
def test_a_scan_ends_with_the_last_network_strongest_first(step: int) -> None:
    scan = make_scan()
    for start in range(0, len(SCAN), step):
        assert scan.next_event() is NEED_DATA
        scan.receive_data(SCAN[start : start + step])
    near, living, far = take_event(scan)
    assert [near.ssid, living.ssid, far.ssid] == ["near", "客厅", "far"]
    assert (near.is_5_ghz, near.security) == (True, "encrypted")
    assert (living.is_5_ghz, living.security) == (False, "")


def test_a_legacy_scan_has_longer_frames() -> None:
    scan = list_scan_forms()[110](LOGIN)
    frame = ScanFrame(command=210, index=0, count=1, ssid="home").encode()
    scan.receive_data(i32(310).ljust(412, b"\0") + frame.ljust(412, b"\0"))
    assert [seen.ssid for seen in take_event(scan)] == ["home"]


def test_a_scan_that_stops_early_yields_what_came() -> None:
    scan = make_scan()
    scan.receive_data(SCAN[:700])
    assert scan.next_event() is NEED_DATA
    scan.receive_eof()
    assert [seen.ssid for seen in take_event(scan)] == ["far"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (i32(-100), UnsupportedFirmware),
        (make_frame(-11, 2001, ""), TicketExpired),
        (make_frame(1013, 2001, ""), Refused),
        (make_frame(3, 3, "x"), RemoteProtocolError),
        (i32(411).ljust(256, b"\0"), RemoteProtocolError),
    ],
)
def test_what_is_no_scan(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        make_scan().receive_data(data)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_scan_or_a_remote_error(data: bytes) -> None:
    scan = make_scan()
    with contextlib.suppress(Refused, RemoteProtocolError):
        scan.receive_data(b"\x9a\x01\0\0" + data)


@given(
    st.text(GBK_LETTERS | st.sampled_from(string.digits), min_size=1, max_size=16),
    st.text(string.ascii_letters + string.digits, min_size=8, max_size=32),
)
def test_what_is_good_passes(ssid: str, psk: str) -> None:
    wifi = WifiSettings(ssid=ssid, psk=Secret(psk))
    check_wifi(wifi)
    assert find_danger(wifi) == ""


@pytest.mark.parametrize(
    ("ssid", "psk", "sentence"),
    [
        ("", "", "1 to 32"),
        ("x" * 33, "", "33"),
        ("客" * 17, "", "34"),
        ("home", "1234567", "8 to 63"),
        ("home", "x" * 64, "8 to 63"),
        ("home", "x" * 33, "32 bytes"),
        ("home\udcff", "", "GBK"),
        ("home🏠", "", "GBK"),
        ("home", "secret🔑99", "GBK"),
        ("ho\0me", "", "NUL"),
    ],
)
def test_what_no_camera_can_be_told(ssid: str, psk: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        check_wifi(WifiSettings(ssid=ssid, psk=Secret(psk)))
    assert not psk or psk not in str(caught.value)


@pytest.mark.parametrize("character", [*"'\"`$;|&\\", "\n", "\t", "\x7f"])
def test_what_a_shell_would_take_is_named(character: str) -> None:
    in_ssid = WifiSettings(ssid=f"ho{character}me", psk=Secret())
    in_psk = WifiSettings(ssid="home", psk=Secret(f"secret{character}99"))
    assert find_danger(in_ssid).startswith("the SSID has")
    assert find_danger(in_psk).startswith("the PSK has")
    assert f"secret{character}" not in find_danger(in_psk)


def test_names_of_real_hotspots() -> None:
    names = load_recorded("hotspot-name")["ssids"]
    assert {name: parse_hotspot(name) for name in names} == names
    assert all(map(is_hotspot, names))


def test_names_of_hotspots() -> None:
    assert parse_hotspot("MV9999999999") == 0
    assert [parse_hotspot(name) for name in ("MV12345678", "TD12345678")] == [12345678] * 2
    assert [parse_hotspot(name) for name in ("MV1234", "xMV12345678", "V380_x")] == [0] * 3
    names = ("MV12345678", "MVSPT_1", "V380_Pro", "MyHome")
    assert list(map(is_hotspot, names)) == [True, True, True, False]


def test_the_text_of_a_code() -> None:
    assert format_wifi_uri(HOME) == "WIFI:T:WPA;S:home;P:secret99;;"
    odd = WifiSettings(ssid='a;b,c:d"e\\f', psk=Secret())
    assert format_wifi_uri(odd) == 'WIFI:T:nopass;S:a\\;b\\,c\\:d\\"e\\\\f;;'


def test_a_template() -> None:
    text = format_template('{"s":"{ssid}","p":"{psk}","c":{config_id}}', HOME, 7)
    assert text == '{"s":"home","p":"secret99","c":7}'
    nested = WifiSettings(ssid="{psk}", psk=Secret("secret99"))
    assert format_template("{ssid}", nested, 1) == "{psk}"


@pytest.mark.parametrize("form", PasswordForm)
@pytest.mark.parametrize("password", ["a", "secret1", "0123456789abcdef"])
def test_a_camera_reads_the_password_it_is_sent(form: PasswordForm, password: str) -> None:
    key = b"0123456789abcdef"
    cipher = encrypt_password(password, key, form).ljust(64, b"\0")
    assert decrypt_password(cipher, key, form) == password
