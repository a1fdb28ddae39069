"""Events posted to a web server: JSON, signed where there is a secret."""

import hashlib
import hmac
import http.client
import socket
import ssl
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from v380cli.errors import InvalidInput, NetworkError
from v380cli.models import Secret

TIMEOUT_S = 10.0
SIGNATURE_HEADER = "X-V380-Signature"
# What may be otherwise later: too early, too many requests, and all that is the server's own.
TEMPORARY = {408, 425, 429}


class WebhookRefused(NetworkError):
    """The server answered that it does not want this, now or later."""

    code = "webhook_refused"


class Webhook:
    """An http or https URL; it may be a secret itself, so that no message has it.

    With a `secret` each request carries `X-V380-Signature: sha256=HEX`, the HMAC of its body.
    """

    def __init__(self, url: str, secret: Secret) -> None:
        parts = _parse_url(url)
        if parts.username or parts.password:
            raise InvalidInput(
                "the webhook's URL holds a user or a password, which others can read there",
                hint="give a secret in V380_WEBHOOK_SECRET",
            )
        self._parts, self._secret = parts, secret
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes) -> None:
        """Post one JSON body; raises NetworkError, WebhookRefused where a new attempt is no use."""
        connection = self._connection = self._connect()
        path = self._parts.path or "/"
        target = f"{path}?{self._parts.query}" if self._parts.query else path
        try:
            connection.request("POST", target, body, self._make_headers(body))
            with connection.getresponse() as answer:  # its body says nothing to us
                status = answer.status
        except (OSError, http.client.HTTPException) as error:
            name = getattr(error, "strerror", None) or type(error).__name__
            raise NetworkError(f"the webhook cannot be reached: {name}") from None
        finally:
            connection.close()
        if not 200 <= status < 300:
            kind = NetworkError if _is_temporary(status) else WebhookRefused
            raise kind(f"the webhook answered {status}")

    def close(self) -> None:
        """End a post that is under way in another thread."""
        connection = self._connection
        if connection and (sock := connection.sock):
            with suppress(OSError):  # it has ended by itself
                sock.shutdown(socket.SHUT_RDWR)  # to close it would not wake who waits

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)

    def _make_headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "v380cli"}
        if self._secret:
            digest = hmac.new(self._secret.reveal().encode(), body, hashlib.sha256).hexdigest()
            headers[SIGNATURE_HEADER] = f"sha256={digest}"
        return headers


def _parse_url(url: str) -> SplitResult:
    """Take it apart; InvalidInput for what no request can be sent to."""
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        parts, is_complete = urlsplit(""), False
    is_sendable = url.isprintable() and " " not in url and (parts.path + parts.query).isascii()
    if not (is_complete and is_sendable):
        raise InvalidInput("the webhook is not a URL", hint="write http://HOST[:PORT]/PATH")
    return parts


def _is_temporary(status: int) -> bool:
    return status >= 500 or status in TEMPORARY
