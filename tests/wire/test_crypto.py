"""Passwords and media under AES: golden bytes both ways."""

import hashlib
import traceback
from typing import Any

import pytest

from tests.golden.vectors import VECTORS
from v380cli.errors import LocalProtocolError
from v380cli.wire.crypto import MediaCipher, PasswordForm, encrypt_password, media_key

KEY = bytes.fromhex(VECTORS["media_key"]["key"])
FORMS = {
    "zero48": PasswordForm.ZERO48,
    "pkcs7_twice": PasswordForm.PKCS7_TWICE,
    "short16": PasswordForm.SHORT16,
}


@pytest.mark.parametrize("form_name", FORMS)
@pytest.mark.parametrize("vector", VECTORS["login"], ids=lambda vector: vector["password"])
def test_password(vector: dict[str, str], form_name: str) -> None:
    random_key = bytes.fromhex(vector["random_key"])
    cipher = encrypt_password(vector["password"], random_key, FORMS[form_name])
    assert cipher.hex() == vector[form_name]


@pytest.mark.parametrize("form", PasswordForm)
def test_the_longest_password_fits_into_a_request(form: PasswordForm) -> None:
    assert len(encrypt_password("x" * form.max_password_bytes, b"k" * 16, form)) <= 64


@pytest.mark.parametrize("form", PasswordForm)
def test_a_password_that_does_not_fit_shows_nowhere(form: PasswordForm) -> None:
    for password in ("pass-word" * 9, "pass-word\udcff"):
        with pytest.raises(LocalProtocolError) as caught:
            encrypt_password(password, b"k" * 16, form)
        assert caught.value.__context__ is None
        inner = caught.value.__traceback__ and caught.value.__traceback__.tb_next
        assert inner
        locals_of_inner = [frame.f_locals for frame, _ in traceback.walk_tb(inner)]
        assert "pass-word" not in f"{caught.value} {locals_of_inner}"


def test_media_key() -> None:
    assert media_key(VECTORS["media_key"]["ticket"]) == KEY


def test_media_key_of_a_negative_ticket() -> None:
    """The ticket is an i32: the four bytes count, not the sign."""
    assert media_key(-2)[:4] == b"\xfe\xff\xff\xff"


@pytest.mark.parametrize("vector", VECTORS["media"], ids=lambda vector: str(vector["length"]))
def test_media(vector: dict[str, Any]) -> None:
    cipher, length = MediaCipher(KEY), vector["length"]
    plain = bytes((7 * i + length) & 255 for i in range(length))
    video, audio = cipher.encrypt_video(plain), cipher.encrypt_audio(plain)
    assert hashlib.sha256(video).hexdigest() == vector["video_sha256"]
    assert hashlib.sha256(audio).hexdigest() == vector["audio_sha256"]
    assert cipher.decrypt_video(video) == plain
    assert cipher.decrypt_audio(audio) == plain


@pytest.mark.parametrize("length", [15, 16, 79, 80, 400, 1000])
def test_video_in_whole_blocks_is_encrypted_as_audio_is(length: int) -> None:
    cipher, plain = MediaCipher(KEY), bytes(length)
    video = cipher.encrypt_video_whole_blocks(plain)
    assert video == cipher.encrypt_audio(plain)
    assert cipher.decrypt_video_whole_blocks(video) == plain


def test_a_cipher_keeps_nothing_from_call_to_call() -> None:
    cipher, plain = MediaCipher(KEY), bytes(range(200))
    first = cipher.decrypt_video(plain)
    cipher.decrypt_audio(b"x" * 33)
    assert cipher.decrypt_video(plain) == first
