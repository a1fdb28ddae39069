"""The process that publishes to one server: packets on stdin; `open`, or an error, on stdout.

It is a process of its own because PyAV keeps the interpreter to itself while FFmpeg connects, logs
in and takes leave: a server that accepts and then says nothing stopped every thread of ours for as
long as FFmpeg waited, which with RTMP is for ever. An alarm ends this process instead.
"""

import errno
import json
import pickle
import signal
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from v380cli.errors import NetworkError, V380Error
from v380cli.media.sink import Formats
from v380cli.sinks.server import Server, ServerProtocol

OPEN_TIMEOUT_S = 10.0
WRITE_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 3.0
DATAGRAM_BYTES = 1316  # seven packets of MPEG-TS, which fit into an Ethernet frame
MULTICAST_TTL = 1  # FFmpeg's 16 leaves the house
# Where Debian's family and Red Hat's have them, for a Python that looks elsewhere.
AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem")


@dataclass(frozen=True, slots=True)
class Opening:
    """What comes first on standard input; packets follow."""

    server: Server
    formats: Formats
    first_keyframe: bytes


def publish(source: BinaryIO) -> None:
    """Publish what `source` brings until its end; raises what the server or FFmpeg refuses."""
    opening = _read(source)
    with _deadline(OPEN_TIMEOUT_S), _advised(opening.server):
        muxer = _open_muxer(opening)
    _say({"state": "open"})
    while (packet := _read(source)) is not None:
        with _deadline(WRITE_TIMEOUT_S):
            muxer.write(packet)
    with _deadline(CLOSE_TIMEOUT_S):
        muxer.close()


def _open_muxer(opening: Opening) -> Any:
    from v380cli.sinks import muxer
    from v380cli.sinks.formats import ContainerFormat
    from v380cli.sinks.srt import SrtOutput
    from v380cli.sinks.templates import open_video_template

    styles = {
        ServerProtocol.RTSP: muxer.RTSP,
        ServerProtocol.RTSPS: muxer.RTSP,
        ServerProtocol.RTMP: muxer.FLV,
        ServerProtocol.RTMPS: muxer.FLV,
    }
    server, formats = opening.server, opening.formats
    style = styles.get(server.protocol, muxer.LIVE_STYLES[ContainerFormat.TS])
    style = replace(style, options={**style.options, **_make_tls_options(server)})
    with open_video_template(formats.video.codec, opening.first_keyframe) as template:
        output = SrtOutput(server) if server.protocol is ServerProtocol.SRT else _make_url(server)
        return muxer.Muxer(output, style, formats, template)


def _make_tls_options(server: Server) -> dict[str, str]:
    """Have the certificate checked; PyAV hands nothing of that on to RTMP."""
    if server.protocol is not ServerProtocol.RTSPS or not server.is_checked:
        return {}
    places = (ssl.get_default_verify_paths().cafile, *AUTHORITIES)
    authorities = next((place for place in places if place and Path(place).is_file()), None)
    return {"tls_verify": "1"} | ({"ca_file": authorities} if authorities else {})


@contextmanager
def _advised(server: Server) -> Iterator[None]:
    """Say what is meant by an input/output error, which is all that FFmpeg says of TLS."""
    try:
        yield
    except NetworkError as error:
        if (
            server.protocol is ServerProtocol.RTSPS
            and getattr(error.__context__, "errno", None) == errno.EIO
        ):
            error.hint = (
                "is its certificate valid, for this host? SSL_CERT_FILE names authorities of "
                "yours, and --insecure leaves the check out"
            )
        raise


def _make_url(server: Server) -> str:
    if server.protocol is not ServerProtocol.UDP:
        return server.url
    arguments = {"pkt_size": DATAGRAM_BYTES, "ttl": MULTICAST_TTL} | server.arguments
    return urlsplit(server.url)._replace(query=urlencode(arguments)).geturl()


def _read(source: BinaryIO) -> Any:
    """The next object, or None at the end."""
    try:
        return pickle.load(source)  # noqa: S301 - written by the process that started this one
    except (EOFError, pickle.UnpicklingError):
        return None


@contextmanager
def _deadline(timeout_s: float) -> Iterator[None]:
    """End this process when the block takes longer, whoever holds the interpreter."""
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _say(answer: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Publish standard input."""
    try:
        publish(sys.stdin.buffer)
    except V380Error as error:
        _say({"code": error.code, "message": error.message, "hint": error.hint})
        sys.exit(1)


if __name__ == "__main__":
    main()
