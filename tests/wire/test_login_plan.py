"""The log-in plan: which spellings it sends after which refusal, and what it ends with."""

import contextlib
import traceback
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.vectors import read_packet
from v380cli.errors import (
    CredentialsRefused,
    DeviceIdRefused,
    InvalidInput,
    Refused,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.models import Secret
from v380cli.wire.abilities import Abilities
from v380cli.wire.commands import Command
from v380cli.wire.crypto import PasswordForm, encrypt_password
from v380cli.wire.login import (
    LEGACY_VARIANT,
    LOGIN_REPLY_MIN_BYTES,
    LegacyLoginReply,
    LegacyLoginRequest,
    LoginPlan,
    LoginReply,
    LoginRequest,
    LoginTicket,
    LoginVariant,
    UserForm,
    parse_variant,
)

DEVICE_ID = 12345678
PASSWORD = Secret("hunter-two")
RANDOM_KEY = b"0123456789abcdef"

UNSUPPORTED = LoginReply(command=Command.UNSUPPORTED, result=0).encode()
NO_USER, WRONG_PASSWORD = read_packet("login_refused_user"), read_packet("login_refused_password")
GOOD = read_packet("login_reply")
GOOD_LEGACY = LegacyLoginReply(value=158).encode()

Camera = Callable[[str], bytes]


def make_plan(
    username: str = "admin", password: Secret = PASSWORD, preferred: str = ""
) -> LoginPlan:
    return LoginPlan(
        DEVICE_ID,
        username,
        password,
        preferred_variant=preferred,
        local_time="2026-11-20 08:00:00",
        random_key=lambda: RANDOM_KEY,
    )


def name_variant(request: bytes, password: Secret = PASSWORD) -> str:
    """The variant that a request is written in, read from its bytes."""
    if request[:4] == LegacyLoginRequest(device_id=0).encode()[:4]:
        assert LegacyLoginRequest.decode(request).password == password.reveal()
        return "legacy"
    login = LoginRequest.decode(request.ljust(LoginRequest.SIZE, b"\0"))
    assert len(request) == (256 if login.version == 2 else 520)
    assert (login.device_id, login.random_key) == (DEVICE_ID, RANDOM_KEY)
    assert login.local_time == "2026-11-20 08:00:00"
    user = UserForm.DEVICE_ID if login.user == str(DEVICE_ID) else UserForm.GIVEN
    [form] = [
        form
        for form in PasswordForm
        if len(password.reveal()) <= form.max_password_bytes
        and encrypt_password(password.reveal(), RANDOM_KEY, form).ljust(64, b"\0") == login.cipher
    ]
    return LoginVariant(login.version, user, form).name


def run(plan: LoginPlan, camera: Camera, sent: list[str] | None = None) -> LoginTicket:
    """Run a plan against a camera that answers each variant name with a reply."""
    sent = [] if sent is None else sent
    for _ in range(11):
        sent.append(name_variant(plan.next_request()))
        if ticket := plan.receive_reply(camera(sent[-1])):
            return ticket
    raise AssertionError("the plan has no end")


def script(replies: Iterable[bytes]) -> Camera:
    left = iter(replies)
    return lambda _variant: next(left)


def make_camera(version: int, user: str, form: str) -> Camera:
    """A camera that takes one spelling and points at what is wrong with another."""

    def answer(variant_name: str) -> bytes:
        variant = parse_variant(variant_name)
        if not isinstance(variant, LoginVariant) or variant.version != version:
            return UNSUPPORTED
        if variant.user != user:
            return NO_USER
        return GOOD if variant.password == form else WRONG_PASSWORD

    return answer


def test_the_first_try_of_today() -> None:
    sent: list[str] = []
    ticket = run(make_plan(), script([GOOD]), sent)
    assert sent == ["31-given-zero48"] == [ticket.variant_name]
    assert (ticket.ticket, ticket.session, ticket.device_version) == (0x11223344, 21862, 31)
    assert ticket.encrypts_media
    assert ticket.channels == 1


def test_what_the_camera_says_of_itself_is_kept() -> None:
    reply = LoginReply(
        result=1001,
        value=400,
        device_version=30,
        ticket=5,
        device_type=1,
        mount=2,
        domain="a.example",
        abilities=bytes(range(40)),
    )
    ticket = run(make_plan(), script([reply.encode()]))
    assert (ticket.channels, ticket.device_type, ticket.mount) == (4, 1, 2)
    assert ticket.domain == "a.example"
    assert ticket.abilities == Abilities.decode(bytes(range(40)))
    assert not ticket.encrypts_media


def test_a_reply_that_ends_early_says_nothing_of_abilities() -> None:
    assert run(make_plan(), script([GOOD[:70]])).abilities is None
    partial = run(make_plan(), script([GOOD[:83]])).abilities
    assert partial == Abilities(channels=0, is_partial=True)
    assert (partial.tells("ptz"), partial.tells("light")) == (True, False)
    assert run(make_plan(), script([GOOD[:84]])).abilities == Abilities(channels=0)


def test_a_legacy_reply_tells_some_abilities() -> None:
    reply = LegacyLoginReply(value=158, has_audio=1, has_ptz=1, has_presets=1, preset_count=6)
    ticket = run(make_plan(preferred=LEGACY_VARIANT.name), script([reply.encode()]))
    assert ticket.abilities == Abilities(audio=1, ptz=1, presets=1, preset_count=6, is_partial=True)


@pytest.mark.parametrize("version", [31, 2])
@pytest.mark.parametrize("user", UserForm)
@pytest.mark.parametrize("form", PasswordForm)
def test_every_spelling_is_found_and_then_preferred(
    version: int, user: UserForm, form: PasswordForm
) -> None:
    name = LoginVariant(version, user, form).name
    sent: list[str] = []
    assert run(make_plan(), make_camera(version, user, form), sent).variant_name == name
    assert len(sent) == len(set(sent)) <= 5
    sent.clear()
    run(make_plan(preferred=name), make_camera(version, user, form), sent)
    assert sent == [name]


@pytest.mark.parametrize("name", ["", "nonsense", "31-given-rot13", "9-given-zero48", "31"])
def test_an_unknown_preference_is_ignored(name: str) -> None:
    sent: list[str] = []
    run(make_plan(preferred=name), script([GOOD]), sent)
    assert sent == ["31-given-zero48"]
    assert parse_variant(name) is None


def test_two_refused_versions_lead_to_the_legacy_log_in() -> None:
    sent: list[str] = []
    ticket = run(make_plan(), script([UNSUPPORTED, UNSUPPORTED, GOOD_LEGACY]), sent)
    assert sent == ["31-given-zero48", "2-given-zero48", "legacy"]
    assert (ticket.variant_name, ticket.channels, ticket.encrypts_media) == ("legacy", 1, False)


def test_a_legacy_preference() -> None:
    sent: list[str] = []
    run(make_plan(preferred=LEGACY_VARIANT.name), script([GOOD_LEGACY]), sent)
    assert sent == ["legacy"]


def test_no_version_is_spoken() -> None:
    with pytest.raises(UnsupportedFirmware):
        run(make_plan(), lambda _variant: UNSUPPORTED)


def test_a_refused_user_is_spelt_as_the_device_id_once() -> None:
    sent: list[str] = []
    with pytest.raises(CredentialsRefused, match="user"):
        run(make_plan(), lambda _variant: NO_USER, sent)
    assert sent == ["31-given-zero48", "31-device-id-zero48"]


@pytest.mark.parametrize("preferred", ["", "31-device-id-zero48"])
def test_a_user_that_is_the_device_id_is_sent_once(preferred: str) -> None:
    plan = make_plan(username=str(DEVICE_ID), preferred=preferred)
    request = plan.next_request()
    assert LoginRequest.decode(request).user == str(DEVICE_ID)
    with pytest.raises(CredentialsRefused):
        plan.receive_reply(NO_USER)


def test_a_refused_password_is_padded_otherwise_and_not_guessed() -> None:
    sent: list[str] = []
    with pytest.raises(CredentialsRefused, match="password") as caught:
        run(make_plan(), lambda _variant: WRONG_PASSWORD, sent)
    assert sent == ["31-given-zero48", "31-given-pkcs7", "31-given-short16"]
    assert "device password" in caught.value.hint


def refuse(result: int, device_version: int, *, command: int = 1168) -> bytes:
    return LoginReply(command=command, result=result, device_version=device_version).encode()


@pytest.mark.parametrize("result", [1012, 1002])
def test_an_old_version_in_a_refusal_is_spelt_for_at_once(result: int) -> None:
    sent: list[str] = []
    with pytest.raises(CredentialsRefused):
        run(make_plan(), lambda _variant: refuse(result, 3), sent)
    assert sent == ["31-given-zero48", "2-given-short16", "2-given-pkcs7", "2-given-zero48"]


def test_a_new_version_in_a_refusal_leaves_the_old_spelling() -> None:
    sent: list[str] = []
    camera = script([refuse(1012, 69), GOOD])
    run(make_plan(preferred="2-given-short16"), camera, sent)
    assert sent == ["2-given-short16", "31-given-zero48"]


def test_a_version_beside_minus_100_chooses_the_form_too() -> None:
    sent: list[str] = []
    run(make_plan(), script([refuse(0, 30, command=-100), GOOD]), sent)
    assert sent == ["31-given-zero48", "2-given-short16"]


def test_the_spelling_of_a_version_keeps_the_user_that_was_found() -> None:
    sent: list[str] = []
    run(make_plan(), script([refuse(1011, 3), refuse(1012, 3), GOOD]), sent)
    assert sent == ["31-given-zero48", "31-device-id-zero48", "2-device-id-short16"]


def test_a_form_of_an_old_version_without_room_is_left_out() -> None:
    password, sent = Secret("x" * 17), []
    plan = make_plan(password=password)
    with pytest.raises(CredentialsRefused):
        while True:
            sent.append(name_variant(plan.next_request(), password))
            plan.receive_reply(refuse(1012, 3))
    assert sent == ["31-given-zero48", "2-given-pkcs7", "2-given-zero48"]


@pytest.mark.parametrize("result", [1011, 1012, 1002])
@pytest.mark.parametrize(
    ("device_version", "is_told"), [(0, False), (3, False), (30, False), (31, True), (69, True)]
)
def test_owners_of_newer_cameras_are_told_where_the_password_is_set(
    result: int, device_version: int, is_told: bool
) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        run(make_plan(), lambda _variant: refuse(result, device_version))
    assert ("gear, Password, Change Device Password" in caught.value.hint) is is_told


def test_1002_tries_other_forms_and_names_both_meanings() -> None:
    sent: list[str] = []
    with pytest.raises(CredentialsRefused, match=r"not verify.*1002.*password may be wrong"):
        run(make_plan(), lambda _variant: refuse(1002, 0), sent)
    assert sent == ["31-given-zero48", "31-given-pkcs7", "31-given-short16"]


def test_a_form_without_room_is_left_out() -> None:
    for size, forms in ((17, ["zero48", "pkcs7"]), (47, ["zero48", "pkcs7"]), (48, ["zero48"])):
        password = Secret("x" * size)
        plan = make_plan(password=password)
        sent = []
        with pytest.raises(CredentialsRefused):
            while True:
                sent.append(name_variant(plan.next_request(), password))
                plan.receive_reply(WRONG_PASSWORD)
        assert sent == [f"31-given-{form}" for form in forms]


def test_a_preference_without_room_is_ignored() -> None:
    password = Secret("x" * 17)
    request = make_plan(password=password, preferred="31-given-short16").next_request()
    assert name_variant(request, password) == "31-given-zero48"


def test_a_refused_preference_falls_back_and_is_not_repeated() -> None:
    sent: list[str] = []
    plan = make_plan(preferred="31-given-pkcs7")
    with pytest.raises(CredentialsRefused):
        run(plan, lambda _variant: WRONG_PASSWORD, sent)
    assert sent == ["31-given-pkcs7", "31-given-zero48", "31-given-short16"]


def test_an_updated_camera_is_found_from_an_old_preference() -> None:
    sent: list[str] = []
    plan = make_plan(preferred="2-given-pkcs7")
    plain_refusal = LoginReply(result=2001, value=-1).encode()
    run(plan, script([plain_refusal, GOOD]), sent)
    assert sent == ["2-given-pkcs7", "31-given-zero48"]


def test_a_refused_legacy_preference_says_why_in_the_end() -> None:
    """The other forms are not spoken, so what the legacy form was told is what counts."""
    sent: list[str] = []
    plan = make_plan(preferred="legacy")
    wrong_password = LegacyLoginReply(value=101).encode()
    with pytest.raises(CredentialsRefused, match="password"):
        run(plan, script([wrong_password, UNSUPPORTED, UNSUPPORTED]), sent)
    assert sent == ["legacy", "31-given-zero48", "2-given-zero48"]


@pytest.mark.parametrize("preferred", ["", "2-given-pkcs7"])
@pytest.mark.parametrize("result", [1018, 2002])
def test_another_device_id_ends_it_at_once(result: int, preferred: str) -> None:
    with pytest.raises(DeviceIdRefused):
        run(make_plan(preferred=preferred), script([LoginReply(result=result).encode()]))


@pytest.mark.parametrize(
    ("result", "value", "error"),
    [
        (1013, 0, Refused),
        (2001, 1, CredentialsRefused),
        (2001, 101, CredentialsRefused),
        (2001, -2, DeviceIdRefused),
        (2001, -102, DeviceIdRefused),
        (2001, -1, Refused),
        (2001, 0, Refused),
        (-11, 0, Refused),
        (-12, 0, Refused),
        (4711, 0, Refused),
    ],
)
def test_other_refusals(result: int, value: int, error: type[V380Error]) -> None:
    with pytest.raises(Refused) as caught:
        run(make_plan(), lambda _variant: LoginReply(result=result, value=value).encode())
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-1, Refused),
        (-2, DeviceIdRefused),
        (0, CredentialsRefused),
        (100, CredentialsRefused),
        (1, CredentialsRefused),
        (101, CredentialsRefused),
    ],
)
def test_legacy_refusals(value: int, error: type[V380Error]) -> None:
    replies = [UNSUPPORTED, UNSUPPORTED, LegacyLoginReply(value=value).encode()]
    with pytest.raises(Refused) as caught:
        run(make_plan(), script(replies))
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "reply",
    [b"", b"\x90\x04\x00", GOOD[: LOGIN_REPLY_MIN_BYTES - 1], GOOD_LEGACY, bytes(256)],
    ids=["nothing", "half a number", "short", "another number", "zeros"],
)
def test_what_is_no_reply(reply: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        run(make_plan(), script([reply]))


def test_replies_of_other_lengths() -> None:
    for reply in (GOOD[:LOGIN_REPLY_MIN_BYTES], GOOD + bytes(264)):
        assert run(make_plan(), script([reply])).ticket == 0x11223344


ANSWERS = [
    UNSUPPORTED,
    NO_USER,
    WRONG_PASSWORD,
    LoginReply(result=2001, value=1).encode(),
    *(
        LoginReply(command=command, result=result, device_version=version).encode()
        for command, result in ((-100, 0), (1168, 1011), (1168, 1012), (1168, 1002))
        for version in (3, 40)
    ),
]
LEGACY_ANSWERS = [UNSUPPORTED, *(LegacyLoginReply(value=value).encode() for value in (0, 1))]
PREFERENCES = [
    "",
    "legacy",
    *(LoginVariant(v, u, f).name for v in (31, 2) for u in UserForm for f in PasswordForm),
]


@given(st.sampled_from(PREFERENCES), st.lists(st.integers(0, 35), min_size=11, max_size=11))
def test_no_spelling_is_sent_twice_and_there_is_an_end(preferred: str, choices: list[int]) -> None:
    sent: list[str] = []
    left = iter(choices)

    def answer(variant: str) -> bytes:
        answers = LEGACY_ANSWERS if variant == "legacy" else ANSWERS
        return answers[next(left) % len(answers)]

    with pytest.raises((CredentialsRefused, UnsupportedFirmware)):
        run(make_plan(preferred=preferred), answer, sent)
    assert len(sent) == len(set(sent)) <= 10


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_not_understood(data: bytes) -> None:
    for start in (b"", GOOD[:4]):
        plan = make_plan()
        with contextlib.suppress(Refused, RemoteProtocolError):
            plan.receive_reply(start + data)


@pytest.mark.parametrize(
    ("username", "password"),
    [("u" * 33, PASSWORD), ("admin", Secret("hunter-two" * 5)), ("admin", Secret("hunter\udcff"))],
    ids=["user", "password", "not text"],
)
def test_what_no_request_has_room_for(username: str, password: Secret) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_plan(username=username, password=password)
    shown = format_with_locals(caught.value)
    assert "hunter" not in shown


def test_no_secret_in_what_is_shown() -> None:
    plan = make_plan()
    ticket = run(make_plan(), script([GOOD]))
    with pytest.raises(CredentialsRefused) as caught:
        run(plan, lambda _variant: WRONG_PASSWORD)
    shown = format_with_locals(caught.value) + repr(plan) + repr(ticket)
    assert "hunter" not in shown
    assert str(ticket.ticket) not in repr(ticket)


def format_with_locals(error: BaseException) -> str:
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    return "".join(lines)
