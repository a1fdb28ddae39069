"""Digest authentication: what lets a player in, and what does not."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.rtsp.test_connection import PEER, SESSION, TCP, URL, ask, read_status
from v380cli.models import Secret
from v380cli.wire.rtsp import connection as rtsp
from v380cli.wire.rtsp import digest
from v380cli.wire.rtsp.connection import Describe, Play, ServerConnection, Setup
from v380cli.wire.rtsp.digest import Credentials, Guard, compute_response, parse_fields

KNOWN = Credentials("Mufasa", Secret("Circle Of Life"))
NONCE = re.compile(rb'nonce="([^"]+)"')


def make_connection(name: str = "a") -> ServerConnection:
    numbers = itertools.count()
    guard = Guard(KNOWN, lambda: f"nonce-{name}-{next(numbers)}")
    return ServerConnection(PEER, SESSION, guard)


def get_nonce(connection: ServerConnection) -> str:
    """Ask without a password and read the challenge."""
    assert ask(connection, "DESCRIBE") is None
    answer = connection.data_to_send()
    assert answer.startswith(b"RTSP/1.0 401 Unauthorized\r\n")
    match = NONCE.search(answer)
    assert match
    return match[1].decode()


def make_header(
    nonce: str, method: str = "DESCRIBE", uri: str = URL, credentials: Credentials = KNOWN
) -> dict[str, str]:
    response = compute_response(credentials, nonce, method, uri)
    return {
        "Authorization": f'Digest username="{credentials.username}", realm="v380", '
        f'nonce="{nonce}", uri="{uri}", response="{response}"'
    }


def test_the_response_is_that_of_rfc_2617() -> None:
    """MD5(MD5(user:realm:password):nonce:MD5(method:uri)) in hex, as md5sum computes it."""
    response = compute_response(KNOWN, "abc", "DESCRIBE", "rtsp://h/porch")
    assert response == "7e3d8e411563e58cb52c3db740133709"


def test_who_knows_the_password_is_let_in_and_need_not_say_it_again() -> None:
    connection = make_connection()
    nonce = get_nonce(connection)
    assert ask(connection, "DESCRIBE", headers=make_header(nonce)) == Describe("porch")
    connection.accept_describe("")
    track = f"{URL}/trackID=0"
    headers = {**make_header(nonce, "SETUP", track), **TCP}
    assert isinstance(ask(connection, "SETUP", track, headers), Setup)
    connection.accept_setup()
    assert ask(connection, "PLAY", session=SESSION) == Play()


def test_the_stream_may_stand_for_its_track() -> None:
    """live555 computes with the address of the stream in every request."""
    connection = make_connection()
    headers = {**make_header(get_nonce(connection), "SETUP", URL), **TCP}
    assert isinstance(ask(connection, "SETUP", f"{URL}/trackID=0", headers), Setup)


@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "GET_PARAMETER", "SET_PARAMETER", "PLAY"])
def test_nothing_is_done_for_who_does_not_say_it(method: str) -> None:
    connection = make_connection()
    assert ask(connection, method, f"{URL}/trackID=0", TCP) is None
    assert read_status(connection) == 401
    assert not connection.has_proved_itself


@pytest.mark.parametrize(
    "headers",
    [
        make_header("nonce-a-1", credentials=Credentials("Mufasa", Secret("wrong"))),
        make_header("nonce-a-1", credentials=Credentials("Scar", Secret("Circle Of Life"))),
        make_header("nonce-a-0"),
        make_header("nonce-b-1"),
        make_header("nonce-a-1", method="SETUP"),
        make_header("nonce-a-1", uri="rtsp://192.0.2.1:8554/yard"),
        make_header("nonce-a-1", uri="rtsp://192.0.2.1:8554/por"),
        make_header("nonce-a-1", uri=""),
        {"Authorization": "Basic TXVmYXNhOkNpcmNsZSBPZiBMaWZl"},
        {"Authorization": "Digest"},
        {"Authorization": 'Digest username="Mufasa", nonce="nonce-a-1", response=""'},
        {"Authorization": 'Digest username="Mufasa", nonce="nonce-a-1", response="\xff"'},
    ],
)
def test_a_wrong_answer_is_refused(headers: dict[str, str]) -> None:
    connection = make_connection()
    assert get_nonce(connection) == "nonce-a-1"
    assert ask(connection, "DESCRIBE", headers=headers) is None
    assert read_status(connection) == 401
    assert ask(connection, "DESCRIBE", headers=make_header("nonce-a-1")) == Describe("porch")


def test_an_answer_that_was_overheard_is_of_no_use_on_another_connection() -> None:
    first, second = make_connection("a"), make_connection("b")
    overheard = make_header(get_nonce(first))
    assert ask(first, "DESCRIBE", headers=overheard) == Describe("porch")
    get_nonce(second)
    assert ask(second, "DESCRIBE", headers=overheard) is None
    assert read_status(second) == 401


def test_a_nonce_that_was_not_told_yet_lets_nobody_in() -> None:
    connection = make_connection()
    assert ask(connection, "DESCRIBE", headers=make_header("nonce-a-0")) is None
    assert read_status(connection) == 401


def test_an_old_nonce_is_told_to_be_old(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = make_connection()
    old = make_header(get_nonce(connection))
    monkeypatch.setattr(digest, "NONCE_LIFE_S", -1.0)
    assert ask(connection, "DESCRIBE", headers=old) is None
    monkeypatch.undo()
    answer = connection.data_to_send()
    assert b'stale="true"' in answer
    match = NONCE.search(answer)
    assert match
    assert match[1] == b"nonce-a-2"
    assert ask(connection, "DESCRIBE", headers=old) is None
    assert read_status(connection) == 401
    assert ask(connection, "DESCRIBE", headers=make_header("nonce-a-2")) == Describe("porch")


def test_a_nonce_lives_on_while_it_is_young() -> None:
    connection = make_connection()
    assert get_nonce(connection) == get_nonce(connection)


def test_who_guesses_is_sent_away() -> None:
    connection = make_connection()
    wrong = make_header(get_nonce(connection), credentials=Credentials("Mufasa", Secret("guess")))
    for _ in range(rtsp.MAX_WRONG_ANSWERS):
        assert not connection.is_over
        assert ask(connection, "DESCRIBE", headers=wrong) is None
        assert read_status(connection) == 401
    assert connection.is_over


@given(st.text(max_size=80))
def test_any_text_may_be_an_authorization(text: str) -> None:
    parse_fields(text)
    parse_fields(f"Digest {text}")
