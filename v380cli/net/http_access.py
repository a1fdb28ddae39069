"""Who may fetch from our HTTP server: by the host that was asked for, and by a secret."""

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from v380cli.models import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """An empty token lets everybody in; then only a server on loopback may have these rules.

    `host` is what the server is bound to. With a `username` the token is that user's password
    (RFC 7617), and nowhere else taken.
    """

    host: str
    token: Secret = field(default_factory=Secret)
    username: str = ""

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        return 'Basic realm="v380", charset="UTF-8"' if self.username else "Bearer"

    @property
    def complaint(self) -> str:
        """What is told to those who may not."""
        return f"the {'password' if self.username else 'token'} is missing or wrong\n"

    def allows(self, authorization: str, *tokens: str) -> bool:
        """Whether the Authorization header, or one of these tokens, lets in."""
        if not self.username:
            return self.allows_token(parse_bearer(authorization), *tokens)
        username, password = parse_basic(authorization)
        return self._is_secret(password) and username == self.username

    def allows_host(self, header: str) -> bool:
        """Whether a request's Host header may mean us.

        A foreign web page whose name was made to resolve to 127.0.0.1 says its own name there.
        Beyond loopback names are many, and such a page does not know the token.
        """
        if not is_loopback(self.host):
            return True
        name = parse_host_header(header)
        return name == self.host or is_loopback(name)

    def allows_change(self, headers: Mapping[str, str]) -> bool:
        """Whether a request that was let in may have the camera do something.

        Other web pages send forms and plain text to any address, with what the browser knows of
        it; JSON they may not send, and browsers say where a request comes from (Fetch, CORS).
        """
        media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        may_be = bool(self.token) or is_loopback(self.host)
        return may_be and media_type == "application/json" and _comes_from_our_page(headers)

    def allows_token(self, *given: str) -> bool:
        """Whether one of these is the token, or none is needed."""
        return not self.token or any(self.is_token(text) for text in given)

    def is_token(self, text: str) -> bool:
        """Whether there is a token, no password, and this is it."""
        return not self.username and self._is_secret(text)

    def _is_secret(self, text: str) -> bool:
        """Takes the same time whatever is wrong."""
        wanted, given = self.token.reveal().encode(), text.encode(errors="surrogateescape")
        return bool(wanted) and hmac.compare_digest(given, wanted)


def _comes_from_our_page(headers: Mapping[str, str]) -> bool:
    """Or from no page at all. Behind a proxy with TLS only Sec-Fetch-Site tells."""
    if site := headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = headers.get("Origin")
    return origin is None or origin.partition("://")[2] == headers.get("Host", "")


def parse_bearer(header: str) -> str:
    """The token of an Authorization header, empty where it has none (RFC 6750, 9110: any case)."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def parse_basic(header: str) -> tuple[str, str]:
    """The user and the password of an Authorization header, empty where it has none (RFC 7617)."""
    scheme, _, text = header.partition(" ")
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    username, _, password = decoded.partition(":")
    return (username, password) if scheme.lower() == "basic" else ("", "")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_host_header(header: str) -> str:
    """The name or address without its port and brackets, in lower case."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
