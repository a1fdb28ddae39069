"""The one redactor: known secrets in every spelling, unknown ones by their length."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v380cli.redaction import Redactor, cut_to_day, find_runs
from v380cli.wire.crypto import VENDOR_KEY, PasswordForm, _make_encrypt, encrypt_password

SECRETS = {
    "id": "12345678",
    "name": "Garten 后院",
    "password": "hunter2-sesame",
    "psk": "Geheim-0815",
    "ssid": "Familie Müller 家",
    "address": "192.168.1.50",
    "domain": "porch-7.nvdvr.net",
    "mac": "00:12:34:56:78:9a",
    "ticket": str(0x11223344),
}


def list_spellings(value: str) -> list[bytes]:
    """How a value may occur in bytes, made apart from the redactor."""
    text = value.encode()
    spellings = [
        text,
        value.encode("utf-16-le"),
        value.encode("utf-16-be"),
        value.encode("gbk", errors="ignore"),
        text.hex().encode(),
        text.hex().upper().encode(),
        base64.b64encode(text),
        hashlib.md5(text).digest(),
        hashlib.md5(text).hexdigest().encode(),
    ]
    if value.isdigit():
        spellings += [int(value).to_bytes(4, order) for order in ("little", "big")]
    if value.count(".") == 3:
        spellings.append(bytes(int(part) for part in value.split(".")))
    if value.count(":") == 5:
        spellings.append(bytes.fromhex(value.replace(":", "")))
    if len(text) <= 16:
        padded = text.ljust(16, b"\0")
        spellings.append(_make_encrypt(VENDOR_KEY)(padded))
        spellings.append(encrypt_password(value, b"K" * 16, PasswordForm.SHORT16))
        spellings.append(encrypt_password(value, b"K" * 16, PasswordForm.ZERO48))
    return spellings


def show(redactor: Redactor, data: bytes) -> bytes:
    """What of it would be shown."""
    shown = bytearray(data)
    for start, stop in redactor.find_hidden(data):
        shown[start:stop] = bytes(stop - start)
    return bytes(shown)


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "not known"])
@settings(max_examples=40)
@given(data=st.data())
def test_no_spelling_of_a_secret_is_shown(is_known: bool, data: st.DataObject) -> None:
    kind, value = data.draw(st.sampled_from(list(SECRETS.items())))
    spelling = data.draw(st.sampled_from(list_spellings(value)))
    around = st.sampled_from([b"", b"\0", b"\0\0\0", b"\1\0\0", b"\xea\x03\0\0"])
    whole = data.draw(around) + spelling + data.draw(around)
    redactor = Redactor()
    if is_known:
        redactor.replace(kind, value)
    assert spelling.rstrip(b"\0") not in show(redactor, whole)
    assert all(stop - start <= 2 for start, stop in find_runs(show(redactor, whole)))


def test_what_is_too_short_for_anybodys_is_shown() -> None:
    small = bytes.fromhex("e9030000 0a000000 0100 0000 ff")
    assert show(Redactor(), small) == small


def test_an_address_with_zeros_in_it_is_hidden_once_it_is_known() -> None:
    redactor = Redactor()
    packed = bytes([10, 0, 0, 5])
    assert show(redactor, b"\0\0" + packed) != bytes(6)
    redactor.replace("address", "10.0.0.5")
    assert show(redactor, b"\0\0" + packed) == bytes(6)


def test_the_same_value_has_the_same_placeholder() -> None:
    redactor = Redactor()
    assert redactor.replace("id", "12345678") == redactor.replace("user", "12345678") == "id-1"
    assert redactor.replace("id", "12345679") == "id-2"
    assert redactor.replace("id", "") == ""
    assert redactor.redact_text("camera 12345678 at noon") == "camera id-1 at noon"
    assert redactor.name_bytes(b"abc") == redactor.name_bytes(b"abc") != redactor.name_bytes(b"abd")


def test_times_are_cut_to_the_day() -> None:
    assert cut_to_day("2026-11-27 16:40:00") == "2026-11-27"
    assert cut_to_day("at noon") == ""


def test_a_sentence_tells_no_address_and_no_time_of_day() -> None:
    redactor = Redactor()
    redactor.replace("address", "192.168.1.50")
    said = "it answers at 10.0.0.7:8800, not at 192.168.1.50, 2026-11-27 16:40 +0100"
    assert (
        redactor.redact_sentence(said)
        == "it answers at address-2:8800, not at address-1, 2026-11-27"
    )
    assert redactor.redact_sentence("runs V2.6.3.3") == "runs V2.6.3.3"
