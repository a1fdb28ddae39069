"""Digest authentication (RFC 2617) in the form that every player knows: MD5 without qop."""

import hashlib
import hmac
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from v380cli.models import Secret
from v380cli.wire.rtsp.message import Request

REALM = "v380"
NONCE_LIFE_S = 60.0  # between the challenge and the last request that needs it: a player's start
_PARAMETER = re.compile(r'(?<!\w)(\w{1,32})[ \t]*=[ \t]*(?:"([^"]*)"|([^",\s]*))')


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a player must know."""

    username: str
    password: Secret


class Verdict(Enum):
    """What an Authorization header is worth."""

    RIGHT = auto()
    MISSING = auto()
    STALE = auto()  # right, but for a nonce that is too old
    WRONG = auto()


class Guard:
    """Knows the nonce of one connection: an answer that was overheard is of no use elsewhere.

    `make_nonce` gives a new one each time, which nobody can guess.
    """

    def __init__(self, credentials: Credentials, make_nonce: Callable[[], str]) -> None:
        self._credentials = credentials
        self._make_nonce = make_nonce
        self._nonce = make_nonce()
        self._made_s = -math.inf  # when it was told first

    def check(self, request: Request, now_s: float) -> Verdict:
        """Judge a request by its Authorization header."""
        if "authorization" not in request.headers:
            return Verdict.MISSING
        if not check_response(request, self._credentials, self._nonce):
            return Verdict.WRONG
        return Verdict.STALE if self._is_old(now_s) else Verdict.RIGHT

    def challenge(self, verdict: Verdict, now_s: float) -> str:
        """The value of WWW-Authenticate, with a nonce that lives."""
        if self._is_old(now_s):
            self._nonce, self._made_s = self._make_nonce(), now_s
        return format_challenge(self._nonce, is_stale=verdict is Verdict.STALE)

    def _is_old(self, now_s: float) -> bool:
        return now_s - self._made_s > NONCE_LIFE_S


def format_challenge(nonce: str, *, is_stale: bool) -> str:
    """The value of WWW-Authenticate."""
    return f'Digest realm="{REALM}", nonce="{nonce}"' + (', stale="true"' if is_stale else "")


def compute_response(credentials: Credentials, nonce: str, method: str, uri: str) -> str:
    """What a player who knows the password answers to this nonce."""
    secret = _md5(f"{credentials.username}:{REALM}:{credentials.password.reveal()}")
    return _md5(f"{secret}:{nonce}:{_md5(f'{method}:{uri}')}")


def check_response(request: Request, credentials: Credentials, nonce: str) -> bool:
    """Whether a request's Authorization answers this nonce; takes as long whatever is wrong.

    The address in it may be that of the stream where the request has one of its tracks.
    """
    fields = parse_fields(request.headers.get("authorization", ""))
    uri = fields.get("uri", "")
    wanted = compute_response(credentials, nonce, request.method, uri)
    given = fields.get("response", "").lower()
    is_ours = fields.get("nonce") == nonce and fields.get("username") == credentials.username
    is_meant = bool(uri) and f"{request.uri}/".startswith(f"{uri.rstrip('/')}/")
    return hmac.compare_digest(_encode(wanted), _encode(given)) and is_ours and is_meant


def parse_fields(header: str) -> dict[str, str]:
    """The parameters of a Digest header; none for another scheme."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(rest)}


def _md5(text: str) -> str:
    return hashlib.md5(_encode(text), usedforsecurity=False).hexdigest()


def _encode(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
