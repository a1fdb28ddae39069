"""Log-ins of a real camera, recorded by its owner: what was sent, and the three answers to it."""

import pytest

from tests.golden.recorded import load_recorded, read_recorded
from v380cli.errors import DeviceIdRefused, UnsupportedFirmware
from v380cli.models import Secret
from v380cli.wire.abilities import Abilities, Tracking
from v380cli.wire.crypto import PasswordForm, decrypt_password, encrypt_password
from v380cli.wire.login import LoginPlan, LoginReply, LoginRequest, LoginTicket
from v380cli.wire.login_verdict import Dimension, Refusal, judge_reply

DEVICE_ID, USER, PASSWORD = 12345678, "fixture-user", "fixture-pass"
VARIANT = "2-given-short16"
REQUEST = read_recorded("login-1167-request-v2")


def make_plan(preferred: str, random_key: bytes = bytes(16)) -> LoginPlan:
    return LoginPlan(
        DEVICE_ID,
        USER,
        Secret(PASSWORD),
        preferred_variant=preferred,
        local_time="",
        random_key=lambda: random_key,
    )


def test_the_request_that_was_accepted() -> None:
    request = LoginRequest.decode(REQUEST.ljust(LoginRequest.SIZE, b"\0"))
    assert (request.version, request.device_id, request.user) == (2, DEVICE_ID, USER)
    assert request.local_time == ""
    cipher = request.cipher[:16]
    assert decrypt_password(cipher, request.random_key, PasswordForm.SHORT16) == PASSWORD
    assert encrypt_password(PASSWORD, request.random_key, PasswordForm.SHORT16) == cipher


def test_the_plan_sends_the_same_but_for_what_is_always_120() -> None:
    sent = bytearray(make_plan(VARIANT, REQUEST[81:97]).next_request())
    assert sent[4:8] == (120).to_bytes(4, "little")
    sent[4:8] = REQUEST[4:8]  # 1022
    assert sent == REQUEST


def test_the_reply_of_a_good_log_in() -> None:
    data = read_recorded("login-1168-accepted-v3")
    reply = LoginReply.decode(data)
    assert reply.encode() == data
    assert (reply.vendor, reply.has_domain, reply.device_id) == (1, 1, DEVICE_ID)
    assert (reply.panorama_x, reply.panorama_y, reply.panorama_radius) == (0, 0, 0)
    ticket = make_plan(VARIANT).receive_reply(data)
    assert ticket == LoginTicket(
        ticket=0x11223344,
        session=0x302F,
        device_version=3,
        device_type=1,
        domain="12345678.nvdvr.net",
        abilities=Abilities(
            channels=1,
            audio=1,
            unknown_0x02=1,
            talk=1,
            ptz=1,
            flip=1,
            presets=1,
            preset_count=6,
            tracking=Tracking.OFF,
        ),
        variant_name=VARIANT,
    )
    assert not ticket.encrypts_media


def test_a_wrong_password_tells_how_the_next_one_is_spelt() -> None:
    data = read_recorded("login-1168-refused-password")
    assert LoginReply.decode(data).encode() == data
    verdict = judge_reply(data, "31-given-zero48")
    assert isinstance(verdict, Refusal)
    assert (verdict.points_at, verdict.device_version) == (Dimension.PASSWORD, 3)
    plan = make_plan("")
    assert plan.receive_reply(data) is None
    assert plan.variant_name == VARIANT


def test_another_device_id_ends_it_and_tells_the_version() -> None:
    data = read_recorded("login-1168-refused-id")
    assert LoginReply.decode(data).encode() == data
    verdict = judge_reply(data, "31-given-zero48")
    assert isinstance(verdict, Refusal)
    assert verdict.device_version == 3
    with pytest.raises(DeviceIdRefused):
        make_plan("").receive_reply(data)


def test_minus_100_alone_points_at_the_version() -> None:
    data = read_recorded("login-unsupported-minus-100")
    verdict = judge_reply(data, VARIANT)
    assert isinstance(verdict, Refusal)
    assert isinstance(verdict.error, UnsupportedFirmware)
    assert (verdict.points_at, verdict.device_version) == (Dimension.VERSION, 0)
    plan = make_plan(VARIANT)
    assert plan.receive_reply(data) is None
    assert plan.variant_name == "31-given-zero48"


def test_every_file_names_its_source() -> None:
    for name in ("login-1167-request-v2", "ptz-170", "live-structure-640x480"):
        document = load_recorded(name)
        assert all(document[word] for word in ("message", "camera", "source", "proves"))
