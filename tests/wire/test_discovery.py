"""The probe and the beacon, against bytes that were not made by this project."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.recorded import load_recorded
from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.models import Beacon
from v380cli.text import clean_text
from v380cli.wire.discovery import (
    MAX_ANSWER_BYTES,
    REPLY_PORT,
    Probe,
    decode_beacon,
    decode_probe,
    encode_beacon,
    encode_probe,
)

# PROTOCOL.md, section 2, and a second camera of the same form.
EXAMPLE = (
    b"NVDEVRESULT^200^00:11:22:33:44:55^192.168.1.50^255.255.255.0^192.168.1.1"
    b"^5040^5050^5051^8800^7050^5040^12345678^0^0"
)
SECOND = (
    b"NVDEVRESULT^200^e0:7c:62:00:00:01^10.0.0.5^255.255.255.0^10.0.0.1"
    b"^5040^5050^5051^8800^7050^5040^12345678^0^0"
)
CAMERA = Beacon(
    device_id=12345678,
    ip="192.168.1.50",
    mac="00:11:22:33:44:55",
    netmask="255.255.255.0",
    gateway="192.168.1.1",
    port=8800,
    version="200",
)


def test_golden_beacons() -> None:
    second = dataclasses.replace(CAMERA, ip="10.0.0.5", mac="e0:7c:62:00:00:01", gateway="10.0.0.1")
    assert decode_beacon(EXAMPLE) == CAMERA
    assert encode_beacon(CAMERA) == EXAMPLE
    assert decode_beacon(SECOND) == second
    assert encode_beacon(second) == SECOND


def test_golden_probe() -> None:
    assert encode_probe() == b"NVDEVSEARCH^100"
    assert encode_probe("NVGROUPSEARCH", "12345678") == b"NVGROUPSEARCH^100^12345678"


@pytest.mark.parametrize(
    ("data", "probe", "answer_kind"),
    [
        (b"NVDEVSEARCH^100", Probe("NVDEVSEARCH"), "NVDEVRESULT"),
        (b"LVDEVSEARCH^100\0\0", Probe("LVDEVSEARCH"), "LVDEVRESULT"),
        (b"NVGROUPSEARCH^100^77", Probe("NVGROUPSEARCH", "77"), "NVSEARCHRESULT"),
    ],
)
def test_probe_is_read_as_a_camera_reads_it(data: bytes, probe: Probe, answer_kind: str) -> None:
    decoded = decode_probe(data)
    assert decoded == probe
    assert decoded.answer_kind == answer_kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"NVDEVSEARCH",
        b"NVDEVSEARCH^200",
        b"HELLO^100",
        b"\xff" * 40,
        b"NVGROUPSEARCH^100^" + b"1" * 17,
        EXAMPLE,
    ],
)
def test_what_a_camera_would_not_answer_is_no_probe(data: bytes) -> None:
    assert decode_probe(data) is None


@pytest.mark.parametrize("kind", ["NVDEVRESULT", "LVDEVRESULT"])
@pytest.mark.parametrize("version", ["100", "200", "300"])
def test_every_kind_and_version_comes_back(kind: str, version: str) -> None:
    beacon = dataclasses.replace(CAMERA, kind=kind, version=version, port=8801, config_id=9)
    assert decode_beacon(encode_beacon(beacon)) == beacon


def test_group_answer_has_its_id_elsewhere() -> None:
    data = b"NVSEARCHRESULT^200^00:11:22:33:44:55^10.0.0.5^255.0.0.0^10.0.0.1^5051^42^1^2^3^7^0"
    beacon = decode_beacon(data)
    assert (beacon.device_id, beacon.port, beacon.ip) == (42, 8800, "10.0.0.5")
    assert decode_beacon(encode_beacon(beacon)) == beacon


def test_binary_answer_of_a_recorder() -> None:
    data = bytearray(512)
    data[0:4] = (1280).to_bytes(4, "little")
    data[4] = 7
    data[6:10] = (20123456).to_bytes(4, "little")
    data[10:19] = b"10.0.0.77"
    data[42:46] = (8800).to_bytes(4, "little")
    beacon = decode_beacon(bytes(data))
    assert beacon == Beacon(kind="NVR", device_id=20123456, ip="10.0.0.77", config_id=7)
    assert encode_beacon(beacon) == data


def test_trailing_fields_may_be_missing() -> None:
    fields = EXAMPLE.split(b"^")
    for count in range(3, len(fields)):
        beacon = decode_beacon(b"^".join(fields[:count]))
        assert beacon.mac == CAMERA.mac
        assert beacon.port == 8800
        assert beacon.device_id == (CAMERA.device_id if count > 12 else 0)


def test_empty_field_does_not_shift_the_rest() -> None:
    data = EXAMPLE.replace(b"^192.168.1.1^", b"^^")
    assert decode_beacon(data) == dataclasses.replace(CAMERA, gateway="")


@pytest.mark.parametrize(
    ("index", "value", "field", "expected"),
    [
        (2, b"00-11-22-33-44-AA", "mac", "00:11:22:33:44:aa"),
        (2, b"00:00:00:00:00:00", "mac", ""),
        (2, b"00:11:22:33:44", "mac", ""),
        (2, b"\x1b[31mRED", "mac", ""),
        (3, b"1.2.3.4.5", "ip", ""),
        (3, b"255.255.255.255", "ip", ""),
        (3, b"239.0.0.30", "ip", ""),
        (3, b"0.0.0.0", "ip", ""),
        (4, b"255.0.255.0", "netmask", ""),
        (4, b"0.0.0.0", "netmask", ""),
        (4, b"255.255.255.255", "netmask", "255.255.255.255"),
        (5, b"not an address", "gateway", ""),
        (9, b"0", "port", 8800),
        (9, b"65536", "port", 8800),
        (9, b"-1", "port", 8800),
        (9, b"65535", "port", 65535),
        (12, b"2147483648", "device_id", 0),
        (12, b"9" * 400, "device_id", 0),
        (12, b"12a", "device_id", 0),
        (13, b"\xb2", "config_id", 0),
        (1, b"\x1b]0;owned\x07" + b"v" * 40, "version", "]0;owned" + "v" * 8),
    ],
)
def test_senseless_field_is_unknown(
    index: int, value: bytes, field: str, expected: str | int
) -> None:
    fields = EXAMPLE.split(b"^")
    fields[index] = value
    assert decode_beacon(b"^".join(fields)) == dataclasses.replace(CAMERA, **{field: expected})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"NVDEVRESULT",
        b"NVDEVRESULT^200",
        b"NVDEVRESULT^200^x^y^z",
        b"NVDEVSEARCH^100",
        b"hello",
        (1280).to_bytes(4, "little") + b"short",
        (1280).to_bytes(4, "little") + bytes(508),
        EXAMPLE + b"^" * MAX_ANSWER_BYTES,
    ],
)
def test_what_is_no_beacon_is_refused(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_beacon(data)


def test_a_field_that_would_split_is_our_bug() -> None:
    with pytest.raises(LocalProtocolError):
        encode_beacon(dataclasses.replace(CAMERA, version="2^00"))
    with pytest.raises(LocalProtocolError):
        encode_probe("NVGROUPSEARCH", "é")


_TEXT_FIELDS = st.lists(st.binary(max_size=20), max_size=20).map(
    lambda fields: b"NVDEVRESULT^" + b"^".join(fields)
)
_NVR_ANSWERS = st.binary(min_size=508, max_size=600).map(lambda rest: b"\x00\x05\x00\x00" + rest)


@given(st.one_of(st.binary(max_size=3000), _TEXT_FIELDS, _NVR_ANSWERS))
def test_any_bytes_are_a_clean_beacon_or_refused(data: bytes) -> None:
    decode_probe(data)
    try:
        beacon = decode_beacon(data)
    except RemoteProtocolError:
        return
    for value in dataclasses.asdict(beacon).values():
        assert value == clean_text(value) if isinstance(value, str) else 0 <= value <= 0x7FFF_FFFF
    assert 0 < beacon.port < 65536


def test_what_the_vendor_programs_ask_and_a_camera_answered() -> None:
    real = load_recorded("beacon-probe")
    asked = [encode_probe(), encode_probe("NVGROUPSEARCH", "0")]
    assert [probe.decode() for probe in asked] == real["probes"]
    assert all(decode_probe(probe + bytes(84)) for probe in asked)
    assert real["reply_port"] == REPLY_PORT
    answer = EXAMPLE.replace(b"NVDEVRESULT^200^", real["answer_begins"].encode())
    assert decode_beacon(answer) == dataclasses.replace(CAMERA, version="300")
