"""Who may fetch: the table of rules."""

import pytest

from v380cli.models import Secret
from v380cli.net.http_access import AccessRules, is_loopback, parse_basic, parse_bearer

TOKEN = "correct horse battery"


@pytest.mark.parametrize(
    ("bound", "header", "is_allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "localhost:8080", True),
        ("127.0.0.1", "LocalHost", True),
        ("127.0.0.5", "127.0.0.5:80", True),
        ("::1", "[::1]:8080", True),
        ("127.0.0.1", "[::1]", True),
        ("127.0.0.1", "evil.example:8080", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "192.168.1.5:8080", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[", False),
        ("192.168.1.5", "192.168.1.5:8080", True),
        ("0.0.0.0", "nas.home:8080", True),
    ],
)
def test_a_name_that_was_bent_to_loopback_is_refused(
    bound: str, header: str, is_allowed: bool
) -> None:
    assert AccessRules(host=bound).allows_host(header) is is_allowed


@pytest.mark.parametrize(
    ("token", "given", "is_allowed"),
    [
        ("", (), True),
        ("", ("anything",), True),
        (TOKEN, (), False),
        (TOKEN, ("",), False),
        (TOKEN, ("", "", ""), False),
        (TOKEN, (TOKEN,), True),
        (TOKEN, ("", TOKEN, ""), True),
        (TOKEN, (TOKEN[:-1],), False),
        (TOKEN, (TOKEN + "x",), False),
        (TOKEN, (TOKEN.upper(),), False),
        (TOKEN, ("\udcff",), False),
        ("käse-und-brot", ("käse-und-brot",), True),
    ],
)
def test_the_token_opens(token: str, given: tuple[str, ...], is_allowed: bool) -> None:
    rules = AccessRules(host="192.168.1.5", token=Secret(token))
    assert rules.allows_token(*given) is is_allowed


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER  abc ", "abc"),
        ("abc", ""),
        ("Basic abc", ""),
        ("", ""),
    ],
)
def test_a_token_in_a_header(header: str, token: str) -> None:
    assert parse_bearer(header) == token


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        ("Basic dmlld2VyOmE6Yg==", ("viewer", "a:b")),
        ("basic  dmlld2VyOg== ", ("viewer", "")),
        ("Bearer dmlld2VyOmE6Yg==", ("", "")),
        ("Basic dmlld2VyOmE6Yg", ("", "")),
        ("Basic \xff", ("", "")),
        ("Basic /////w==", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_user_in_a_header(header: str, pair: tuple[str, str]) -> None:
    assert parse_basic(header) == pair


def test_a_password_is_taken_with_its_user_and_nowhere_else() -> None:
    rules = AccessRules(host="0.0.0.0", token=Secret("a:b"), username="viewer")
    assert rules.challenge.startswith("Basic ")
    assert rules.allows("Basic dmlld2VyOmE6Yg==")
    assert not rules.allows("Basic b3RoZXI6YTpi")  # other:a:b
    assert not rules.allows("Basic dmlld2VyOmE=")  # viewer:a
    assert not rules.allows("Bearer a:b", "a:b")
    assert not rules.is_token("a:b")


def test_an_empty_token_is_nobodys() -> None:
    assert not AccessRules(host="127.0.0.1").is_token("")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "localhost.example", ""])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "token", "is_allowed"),
    [("127.0.0.1", "", True), ("0.0.0.0", "", False), ("0.0.0.0", TOKEN, True)],
)
def test_beyond_loopback_nothing_is_controlled_without_a_token(
    host: str, token: str, is_allowed: bool
) -> None:
    rules = AccessRules(host=host, token=Secret(token))
    assert rules.allows_change({"Content-Type": "application/json"}) is is_allowed
