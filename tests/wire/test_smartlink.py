"""SmartLink: the worked example, and a decoder of the tests' own for settings of all lengths."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.vectors import VECTORS
from v380cli.models import Secret
from v380cli.wire.provisioning import WifiSettings
from v380cli.wire.smartlink import SmartLinkDecoder, Symbol, encode_smartlink

EXAMPLE = VECTORS["packets"]["smartlink"]

SSIDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=32)
PSKS = st.just("") | st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=8, max_size=63
)
# of GBK; told apart by its codec they would take hypothesis a second to list
GBK_LETTERS = st.characters(
    min_codepoint=0x4E00, max_codepoint=0x9FA5, include_characters="éжΩひヒ"
)
GBK_PSKS = st.text(GBK_LETTERS, min_size=8, max_size=31)


def make_wifi(ssid: str, psk: str) -> WifiSettings:
    return WifiSettings(ssid=ssid, psk=Secret(psk))


def list_addresses(wifi: WifiSettings, config_id: int) -> list[str]:
    return [symbol.address for symbol in encode_smartlink(wifi, config_id)]


def decode_by_hand(addresses: list[str]) -> tuple[bytes, bytes]:
    """SSID and password string, straight from the table of section 1b."""
    octets = [tuple(ipaddress.IPv4Address(address).packed) for address in addresses]
    assert octets[0][:3] == (228, 84, 85)
    assert octets[0][3] == len(octets) - 1
    assert [entry[:2] for entry in octets[1:]] == [
        (228, 17 + number) for number in range(len(octets) - 1)
    ]
    body = [entry[2:] for entry in octets[1:]]
    assert body[-2:] == [(0, 0), (0, 0)]
    separator = body.index((0, 0))
    texts = (body[:separator], body[separator + 1 : -2])
    ssid, password = (b"".join(map(bytes, pairs)).rstrip(b"\0") for pairs in texts)
    return ssid, password


def test_the_worked_example() -> None:
    wifi = make_wifi(EXAMPLE["ssid"], EXAMPLE["passphrase"])
    assert list_addresses(wifi, EXAMPLE["config_id"]) == EXAMPLE["addresses"]


@given(SSIDS, PSKS | GBK_PSKS, st.integers(1, 9))
def test_settings_of_all_lengths(ssid: str, psk: str, config_id: int) -> None:
    addresses = list_addresses(make_wifi(ssid, psk), config_id)
    assert decode_by_hand(addresses) == (ssid.encode(), f"{config_id}{psk}".encode("gbk"))


@given(st.text(GBK_LETTERS, min_size=1, max_size=16), PSKS)
def test_an_ssid_beyond_ascii_is_left_out(ssid: str, psk: str) -> None:
    assert decode_by_hand(list_addresses(make_wifi(ssid, psk), 3)) == (b"", f"3{psk}".encode())


def test_pauses() -> None:
    symbols = encode_smartlink(make_wifi("ab", "12345678"), 5)
    separators = {"228.18.0.0", "228.24.0.0"}
    assert {s.pause_s for s in symbols if s.address in separators} == {0.0}
    others: list[Symbol] = [s for s in symbols if s.address not in separators]
    assert [s.pause_s for s in others] == [0.01] * 7 + [0.03]


@given(SSIDS, PSKS | GBK_PSKS, st.integers(1, 9), st.integers(0, 60))
def test_the_simulated_camera_hears_it_from_anywhere_in_the_round(
    ssid: str, psk: str, config_id: int, start: int
) -> None:
    wifi = make_wifi(ssid, psk)
    addresses = list_addresses(wifi, config_id)
    decoder = SmartLinkDecoder()
    for address in addresses[start:]:
        assert start == 0 or decoder.receive_address(address) is None
    heard = [decoder.receive_address(address) for address in addresses]
    assert heard[-1] is not None
    assert (heard[-1].wifi, heard[-1].config_id) == (wifi, config_id)


@pytest.mark.parametrize("lost", range(1, 10))
def test_a_lost_address_is_made_up_by_the_next_round(lost: int) -> None:
    wifi = make_wifi("ab", "12345678")
    addresses = list_addresses(wifi, 5)
    decoder = SmartLinkDecoder()
    first = [decoder.receive_address(a) for n, a in enumerate(addresses) if n != lost]
    assert set(first) == {None}
    assert any(decoder.receive_address(address) for address in addresses)


def test_a_digit_that_is_no_number_is_none() -> None:
    pairs = [(0x61, 0x62), (0, 0), tuple("①".encode("gbk")), (0, 0), (0, 0)]
    addresses = [f"228.{17 + n}.{high}.{low}" for n, (high, low) in enumerate(pairs)]
    decoder = SmartLinkDecoder()
    assert {decoder.receive_address(each) for each in ["228.84.85.5", *addresses]} == {None}


def test_other_multicast_is_not_heard() -> None:
    decoder = SmartLinkDecoder()
    for address in ("239.0.0.30", "228.1.2.3", "228.84.85.0", "224.0.0.1", "228.84.85.2"):
        assert decoder.receive_address(address) is None
    for address in ("228.17.0.0", "228.18.0.0"):
        assert decoder.receive_address(address) is None
