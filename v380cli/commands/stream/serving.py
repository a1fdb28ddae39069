"""`v380 stream --serve`: the live stream over HTTP, for browsers and players."""

import ipaddress
import os
import re
import secrets
import sys
from typing import Any, NamedTuple

import typer

from v380cli.camera.recorder import Recorder
from v380cli.commands import _console
from v380cli.commands.stream._plan import StreamPlan
from v380cli.commands.stream._running import run_recorder
from v380cli.errors import InvalidInput
from v380cli.media.codec_string import format_mp4_type
from v380cli.models import Device, Secret
from v380cli.net.http_access import AccessRules, is_loopback
from v380cli.net.http_server import HttpServer
from v380cli.net.interfaces import list_interfaces
from v380cli.net.live_source import Feed, Wake
from v380cli.sinks.broadcast import Broadcast
from v380cli.sinks.chunks import LiveFormat
from v380cli.sinks.motion_jpeg import MotionJpeg

TOKEN_VARIABLE = "V380_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_BYTES = 24
TOKEN_MIN_CHARS, TOKEN_MAX_CHARS = 12, 512
DEFAULT_PORT = 8080


class Address(NamedTuple):
    """Where to serve."""

    host: str
    port: int


def serve(device: Device, plan: StreamPlan, where: Address, *, token_stdin: bool = False) -> None:
    """Serve until the duration is over, a signal comes or the camera is lost for good.

    Raises NetworkError when the port is taken, and what ends a recording.
    """
    token = read_token(token_stdin)
    is_generated = not token and not is_loopback(where.host)
    if is_generated:
        token = Secret(secrets.token_urlsafe(TOKEN_BYTES))
    broadcast = Broadcast()
    recorder = plan.make_recorder(device, broadcast)
    source = CameraSource(recorder, broadcast)
    with HttpServer(source, AccessRules(host=where.host, token=token), where.port) as server:
        try:
            announce(Address(where.host, server.port), token if is_generated else None, plan)
            recording, exit_code = run_recorder(recorder)
        finally:
            source.end()
    if exit_code:
        raise typer.Exit(exit_code)
    if recording.error:
        raise recording.error


class CameraSource:
    """What the server asks: one camera, watched by many (`net.http_server.LiveSource`)."""

    def __init__(self, recorder: Recorder, broadcast: Broadcast) -> None:
        self._recorder = recorder
        self._broadcast = broadcast
        self._pictures = MotionJpeg(broadcast)

    def is_ready(self) -> bool:
        return self._broadcast.programme is not None

    def watch_ts(self, wake: Wake) -> tuple[Feed, str]:
        return self._broadcast.watch(LiveFormat.TS, wake), "video/mp2t"

    def watch_mp4(self, wake: Wake) -> tuple[Feed, str]:
        viewer, shown = self._broadcast.watch_programme(LiveFormat.MP4, wake)
        assert shown, "the server has waited for it"
        return viewer, format_mp4_type(shown.formats)

    def watch_pictures(self, fps: float, wake: Wake) -> Feed:
        return self._pictures.watch(fps, wake)

    def take_snapshot(self) -> bytes:
        return self._pictures.take_snapshot()

    def describe(self) -> dict[str, Any]:
        recorder, shown = self._recorder, self._broadcast.programme
        document: dict[str, Any] = {
            "name": recorder.device.label,
            "state": recorder.state,
            "reconnects": recorder.reconnects,
            "viewers": self._broadcast.count_viewers() + self._pictures.count_viewers(),
            "dropped_pictures": self._broadcast.count_dropped(),
            "video": None,
            "audio": None,
        }
        if shown:
            document["type"] = format_mp4_type(shown.formats)
            document["video"] = {
                "codec": shown.formats.video.codec,
                "width": shown.width,
                "height": shown.height,
            }
            if audio := shown.formats.audio:
                document["audio"] = {"codec": "aac", "sample_rate": audio.sample_rate}
        return document

    def end(self) -> None:
        """Send every viewer home."""
        self._pictures.end()
        self._broadcast.end()


def parse_address(text: str) -> Address:
    """`127.0.0.1:8080`, `[::1]:8080`, `localhost`, `8080` or `:8080`; raises typer.BadParameter."""
    host, port = text, str(DEFAULT_PORT)
    if text.isdecimal():
        host, port = "", text
    elif text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":") if not text.endswith("]") else (text, "", port)
    host = host.removeprefix("[").removesuffix("]")
    host = "127.0.0.1" if host in ("", "localhost") else host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise typer.BadParameter(f"{host!r} is no address; write 127.0.0.1:8080") from None
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise typer.BadParameter(f"{port!r} is no port; write {host}:8080")
    return Address(host, int(port))


def read_token(from_stdin: bool) -> Secret:
    """The token from standard input, else from V380_TOKEN, else none; InvalidInput if short."""
    text = os.environ.get(TOKEN_VARIABLE, "")
    if from_stdin:
        text = sys.stdin.readline(TOKEN_MAX_CHARS + 1).rstrip("\r\n")
    elif not text:
        return Secret()
    if not TOKEN_MIN_CHARS <= len(text) <= TOKEN_MAX_CHARS or not text.isprintable():
        raise InvalidInput(
            f"the token is to have {TOKEN_MIN_CHARS} to {TOKEN_MAX_CHARS} characters",
            hint="without one, one is made up and told",
        )
    return Secret(text)


def announce(address: Address, generated: Secret | None, plan: StreamPlan) -> None:
    """Say where to look; a token that was made up is said, one that was given is not."""
    url = f"http://{format_host(address.host)}:{address.port}/"
    if plan.json:
        _console.print_json_line({"url": url})
    shown = f"{url}?token={generated.reveal()}" if generated else url
    _console.talk(f"watch it at {shown}    (Ctrl-C ends it)")


def format_host(host: str) -> str:
    """As in a URL; for a server on all addresses one that others know this machine by."""
    if ipaddress.ip_address(host).is_unspecified:
        others = [each.address for each in list_interfaces() if not each.is_loopback]
        host = next(iter(others), "127.0.0.1")
    return f"[{host}]" if ":" in host else host
