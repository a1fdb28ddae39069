"""Who is let in, and what the refusals look like."""

import socket
from dataclasses import replace

import pytest

from tests.golden.recorded import read_recorded
from tests.simulator.viewer import (
    DEVICE_ID,
    PASSWORD,
    SMALL,
    ask,
    connect,
    login,
    make_login,
    make_stream_login,
    receive,
    run,
    watch,
)
from v380cli.models import Secret
from v380cli.simulator.camera import VARIANTS
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.tone import AudioKind
from v380cli.wire.crypto import PasswordForm
from v380cli.wire.live import StreamLoginReply, StreamStartRequest
from v380cli.wire.login import LegacyLoginReply, LegacyLoginRequest, LoginReply

LEGACY_LOGIN = LegacyLoginRequest(user="admin", password=PASSWORD, device_id=DEVICE_ID)


@pytest.mark.parametrize(
    ("variant", "request_", "size"),
    [
        ("today", make_login(), 520),
        ("today-id-user", make_login(user=str(DEVICE_ID)), 520),
        ("older", make_login(version=2, form=PasswordForm.PKCS7_TWICE), 520),
        ("oldest", make_login(version=2, form=PasswordForm.SHORT16), 256),
    ],
)
def test_each_variant_lets_its_own_spelling_in(variant: str, request_: bytes, size: int) -> None:
    with run(replace(SMALL, accepts=VARIANTS[variant].accepts, device_version=20)) as camera:
        reply = LoginReply.decode(ask(camera, request_[:size]))
    assert (reply.command, reply.result, reply.device_version) == (1168, 1001, 20)
    assert reply.ticket > 0


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        (make_login(user="nobody"), 1011),
        (make_login(user=str(DEVICE_ID)), 1011),
        (make_login(password="wrong"), 1012),
        (make_login(form=PasswordForm.PKCS7_TWICE), 1012),
        (make_login(form=PasswordForm.SHORT16), 1012),
        (make_login(device_id=1), 1018),
    ],
)
def test_a_wrong_login_is_refused_with_its_number(request_: bytes, result: int) -> None:
    with run(SMALL) as camera:
        answer = ask(camera, request_)
    reply = LoginReply.decode(answer)
    assert len(answer) == 256
    assert (reply.command, reply.result, reply.ticket) == (1168, result, 0)
    assert reply.device_version == SMALL.device_version


@pytest.mark.parametrize("variant", ["today", "older"])
def test_a_request_of_zeros_is_answered_with_the_device_version(variant: str) -> None:
    """So did a camera whose answer was recorded."""
    accepts, version = VARIANTS[variant].accepts, VARIANTS[variant].device_version
    zeros = (1167).to_bytes(4, "little").ljust(256, b"\0")
    recorded = LoginReply.decode(read_recorded("login-1168-refused-id"))
    with run(replace(SMALL, accepts=accepts, device_version=version)) as camera:
        assert LoginReply.decode(ask(camera, zeros)) == replace(recorded, device_version=version)


def test_a_yes_is_laid_out_like_the_recorded_one() -> None:
    recorded = LoginReply.decode(read_recorded("login-1168-accepted-v3"))
    own = ("device_version", "ticket", "session", "abilities")
    with run(replace(SMALL, device_id=recorded.device_id)) as camera:
        reply = LoginReply.decode(ask(camera, make_login(device_id=recorded.device_id)))
    assert replace(recorded, **{name: getattr(reply, name) for name in own}) == reply


def test_an_unknown_version_and_the_legacy_login_are_not_supported() -> None:
    with run(SMALL) as camera:
        assert LoginReply.decode(ask(camera, make_login(version=2))).command == -100
        assert LegacyLoginReply.decode(ask(camera, LEGACY_LOGIN.encode())).command == -100


@pytest.mark.parametrize(
    ("request_", "value"),
    [
        (LEGACY_LOGIN, 158),
        (replace(LEGACY_LOGIN, user="nobody"), 100),
        (replace(LEGACY_LOGIN, password="wrong"), 101),
        (replace(LEGACY_LOGIN, device_id=1), -2),
    ],
)
def test_a_legacy_camera_answers_only_the_legacy_login(
    request_: LegacyLoginRequest, value: int
) -> None:
    with run(replace(SMALL, accepts=VARIANTS["legacy"].accepts, device_version=2)) as camera:
        reply = LegacyLoginReply.decode(ask(camera, request_.encode()))
        assert LoginReply.decode(ask(camera, make_login())).command == -100
        stream = StreamLoginReply.decode(ask_stream(camera, 0))
    assert (reply.command, reply.value) == (168, value)
    assert stream.result == (402 if value == 158 else -11)  # it hands out no ticket: 0 stands in


def ask_stream(camera: SimulatedCamera, ticket: int) -> bytes:
    """The answer to 301; the camera keeps the connection when it is not a refusal."""
    with connect(camera) as sock:
        sock.sendall(make_stream_login(ticket))
        return receive(sock, 32)


def test_every_login_gets_its_own_ticket() -> None:
    with run(SMALL) as camera:
        assert len({login(camera) for _ in range(5)}) == 5


def test_a_password_that_a_form_cannot_spell_never_matches() -> None:
    spec = replace(SMALL, password=Secret("x" * 17), accepts=VARIANTS["oldest"].accepts)
    with run(spec) as camera:
        cut = make_login(version=2, password="x" * 16, form=PasswordForm.SHORT16)
        assert LoginReply.decode(ask(camera, cut)).result == 1012


@pytest.mark.parametrize(("reply_size", "result"), [(32, 402), (412, 1001)])
def test_the_stream_reply_has_the_size_of_its_firmware(reply_size: int, result: int) -> None:
    with run(replace(SMALL, reply_size=reply_size)) as camera, connect(camera) as sock:
        sock.sendall(make_stream_login(login(camera)))
        answer = receive(sock, reply_size)
        reply = StreamLoginReply.decode(answer)
    assert len(answer) == reply_size
    assert (reply.result, reply.width, reply.height, reply.max_packet) == (result, 192, 128, 500)
    assert reply.version == 20


@pytest.mark.parametrize(
    ("audio", "sound"),
    [(AudioKind.IMA, (8, 16, 1)), (AudioKind.ALAW, (8, 8, 1)), (None, (0, 0, 0))],
)
def test_the_stream_reply_tells_what_the_sound_is(
    audio: AudioKind | None, sound: tuple[int, int, int]
) -> None:
    with run(replace(SMALL, audio=audio)) as camera:
        reply = StreamLoginReply.decode(ask_stream(camera, login(camera)))
    assert (reply.audio_khz, reply.audio_bits, reply.audio_channels) == sound


def test_an_unknown_ticket_and_an_expired_one_are_told_apart() -> None:
    with run(SMALL) as camera:
        assert StreamLoginReply.decode(ask(camera, make_stream_login(12345))).result == -11
    with run(replace(SMALL, ticket_lifetime_s=0)) as camera:
        ticket = login(camera)
        assert StreamLoginReply.decode(ask(camera, make_stream_login(ticket))).result == -12


def test_no_more_than_so_many_viewers() -> None:
    with run(replace(SMALL, max_viewers=1)) as camera:
        ticket = login(camera)
        with watch(camera, ticket=ticket) as sock:
            assert receive(sock, 1)
            assert StreamLoginReply.decode(ask(camera, make_stream_login(ticket))).result == 2001


def test_media_need_a_stream_login_on_the_same_connection() -> None:
    with run(SMALL) as camera:
        login(camera)
        reply = ask(camera, StreamStartRequest().encode())
    assert int.from_bytes(reply[:4], "little", signed=True) == -100


def test_a_camera_that_keeps_the_login_connection_streams_on_it() -> None:
    with run(replace(SMALL, closes_after_login=False)) as camera, connect(camera) as sock:
        sock.sendall(make_login())
        ticket = LoginReply.decode(receive(sock, 256)).ticket
        sock.sendall(make_stream_login(ticket))
        assert StreamLoginReply.decode(receive(sock, 32)).result == 402
        sock.sendall(StreamStartRequest().encode())
        assert receive(sock, 1) == b"\x7f"


def test_requests_are_read_byte_by_byte_too() -> None:
    with run(SMALL) as camera, connect(camera) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in make_login():
            sock.send(bytes([byte]))
        assert LoginReply.decode(receive(sock, 256)).result == 1001


@pytest.mark.parametrize(
    ("fault", "command", "result"),
    [
        ("wrong-user*1", 1168, 1011),
        ("wrong-password*1", 1168, 1012),
        ("wrong-id*1", 1168, 1018),
        ("unsupported*1", -100, 0),
    ],
)
def test_a_login_fault_strikes_as_often_as_it_says(fault: str, command: int, result: int) -> None:
    with run(SMALL, fault) as camera:
        first = LoginReply.decode(ask(camera, make_login()))
        second = LoginReply.decode(ask(camera, make_login()))
    assert (first.command, first.result) == (command, result)
    assert second.result == 1001


@pytest.mark.parametrize(("fault", "result"), [("busy*1", 2001), ("ticket-expired", -11)])
def test_a_stream_login_fault_strikes_once(fault: str, result: int) -> None:
    with run(SMALL, fault) as camera:
        ticket = login(camera)
        first = StreamLoginReply.decode(ask(camera, make_stream_login(ticket)))
        second = StreamLoginReply.decode(ask_stream(camera, ticket))
    assert (first.result, second.result) == (result, 402)


def test_a_login_fault_without_times_strikes_always() -> None:
    with run(SMALL, "wrong-password") as camera:
        results = {LoginReply.decode(ask(camera, make_login())).result for _ in range(3)}
    assert results == {1012}
