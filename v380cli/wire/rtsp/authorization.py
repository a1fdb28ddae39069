"""What a client answers to a challenge: digest (RFC 2617 and 7616) and basic, as HTTP has them."""

import base64
import hashlib
import re
from collections.abc import Callable

from v380cli.models import Secret
from v380cli.wire.rtsp.digest import parse_fields

_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}


class Authorizer:
    """Answers one server's challenge; `client_nonce` is a text that nobody can guess."""

    def __init__(self, username: str, password: Secret, client_nonce: str) -> None:
        self._username = username
        self._password = password
        self._client_nonce = client_nonce
        self._digest: dict[str, str] = {}
        self._is_basic = False
        self._count = 0

    @property
    def is_challenged(self) -> bool:
        """Whether a challenge came that can be answered."""
        return self._is_basic or bool(self._digest)

    def take_challenge(self, header: str) -> bool:
        """Read the values of WWW-Authenticate, a line each; whether they can be answered.

        Digest goes before basic, SHA-256 before MD5.
        """
        lines = header.split("\n")
        offers = map(parse_fields, lines)
        known = [offer for offer in offers if _find_hash(offer) and "nonce" in offer]
        self._digest = max(known, key=_find_hash, default={})
        self._is_basic = any(line.partition(" ")[0].lower() == "basic" for line in lines)
        self._count = 0
        return self.is_challenged

    def authorize(self, method: str, uri: str) -> str:
        """The Authorization header of one request; empty before a challenge."""
        if self._digest:
            return self._answer_digest(method, uri)
        if self._is_basic:
            text = f"{self._username}:{self._password.reveal()}"
            return f"Basic {base64.b64encode(text.encode()).decode()}"
        return ""

    def _answer_digest(self, method: str, uri: str) -> str:
        fields = self._digest
        make_hash = _HASHES[_find_hash(fields)]
        realm, nonce = fields.get("realm", ""), fields["nonce"]
        known = f"{self._username}:{realm}:{self._password.reveal()}"
        secret = make_hash(known.encode())
        asked = make_hash(f"{method}:{uri}".encode())
        answer = [f'username="{self._username}"', f'realm="{realm}"', f'nonce="{nonce}"']
        answer.append(f'uri="{uri}"')
        middle = nonce
        if "auth" in re.split(r"[,\s]+", fields.get("qop", "")):
            self._count += 1
            middle = f"{nonce}:{self._count:08x}:{self._client_nonce}:auth"
            answer += [f"qop=auth, nc={self._count:08x}", f'cnonce="{self._client_nonce}"']
        answer.append(f'response="{make_hash(f"{secret}:{middle}:{asked}".encode())}"')
        answer += [f'{key}="{fields[key]}"' for key in ("opaque",) if key in fields]
        answer += [f"algorithm={fields[key]}" for key in ("algorithm",) if key in fields]
        return f"Digest {', '.join(answer)}"


def _find_hash(fields: dict[str, str]) -> str:
    """The name of a hash that we have, empty for another."""
    name = fields.get("algorithm", "MD5").upper()
    return name if name in _HASHES else ""
