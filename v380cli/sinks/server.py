"""The address of a media server: what is in its URL, and what may be shown of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from v380cli.errors import InvalidInput


class ServerProtocol(StrEnum):
    """How media are published; the values are the schemes of URLs."""

    RTSP = "rtsp"
    RTSPS = "rtsps"
    RTMP = "rtmp"
    RTMPS = "rtmps"
    SRT = "srt"
    UDP = "udp"


DEFAULT_PORTS = {
    ServerProtocol.RTSP: 554,
    ServerProtocol.RTSPS: 322,
    ServerProtocol.RTMP: 1935,
    ServerProtocol.RTMPS: 443,
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where to publish. `url` may hold a password or a stream key, `label` never does.

    `is_checked`: of `rtsps`, whether its certificate has to be a good one.
    """

    protocol: ServerProtocol
    host: str
    port: int
    label: str
    url: str = field(repr=False)
    is_checked: bool = True

    @property
    def arguments(self) -> dict[str, str]:
        """What follows the question mark, with what is empty there."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


def parse_server(url: str, *, is_checked: bool = True) -> Server:
    """Take a URL apart; InvalidInput for one that cannot be published to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput("that is not a URL: its port or its address is wrong") from None
    if parts.scheme not in list(ServerProtocol):
        names = ", ".join(f"{protocol}://" for protocol in ServerProtocol)
        raise InvalidInput(f"--to takes a URL that begins with one of {names}")
    protocol = ServerProtocol(parts.scheme)
    port = port or DEFAULT_PORTS.get(protocol)
    if not parts.hostname or not url.isprintable() or " " in url:
        raise InvalidInput(f"the {protocol}:// URL names no host, or holds what no URL may")
    if port is None:
        raise InvalidInput(f"a {protocol}:// URL needs a port, like {protocol}://HOST:9000")
    label = f"{protocol}://{_write_host(parts.hostname)}:{port}{_mask_path(protocol, parts.path)}"
    return Server(protocol, parts.hostname, port, label, url, is_checked)


def _write_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _mask_path(protocol: ServerProtocol, path: str) -> str:
    """In RTMP, what follows the first word is the key of the stream: mostly a secret."""
    if protocol not in (ServerProtocol.RTMP, ServerProtocol.RTMPS):
        return path
    app, _, key = path.removeprefix("/").partition("/")
    return f"/{app}/***" if key else f"/{app}"
