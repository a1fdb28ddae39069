"""Who may fetch from our HTTP server: by the host that was asked for, and by a token."""

import hmac
import ipaddress
from dataclasses import dataclass, field

from v380cli.models import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """An empty token lets everybody in; then only a server on loopback may have these rules.

    `host` is what the server is bound to.
    """

    host: str
    token: Secret = field(default_factory=Secret)

    def allows_host(self, header: str) -> bool:
        """Whether a request's Host header may mean us.

        A foreign web page whose name was made to resolve to 127.0.0.1 says its own name there.
        Beyond loopback names are many, and such a page does not know the token.
        """
        if not is_loopback(self.host):
            return True
        name = parse_host_header(header)
        return name == self.host or is_loopback(name)

    def allows_token(self, *given: str) -> bool:
        """Whether one of these is the token, or none is needed."""
        return not self.token or any(self.is_token(text) for text in given)

    def is_token(self, text: str) -> bool:
        """Whether there is a token and this is it; takes the same time whatever is wrong."""
        wanted, given = self.token.reveal().encode(), text.encode(errors="surrogateescape")
        return bool(wanted) and hmac.compare_digest(given, wanted)


def parse_bearer(header: str) -> str:
    """The token of an Authorization header, empty where it has none (RFC 6750, 9110: any case)."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


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
