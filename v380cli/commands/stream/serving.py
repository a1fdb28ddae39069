"""`v380 stream --serve`: the live stream over HTTP, for browsers and players."""

import os
import secrets
import sys

from v380cli.commands import _console
from v380cli.commands._camera_source import CameraSource
from v380cli.commands._ending import Result
from v380cli.commands._serving_address import Address, format_host
from v380cli.commands.stream._plan import StreamPlan
from v380cli.commands.stream._running import run_recorder
from v380cli.errors import InvalidInput
from v380cli.models import Device, Secret
from v380cli.net.http_access import AccessRules, is_loopback
from v380cli.net.http_server import HttpServer
from v380cli.sinks.broadcast import Broadcast

TOKEN_VARIABLE = "V380_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_BYTES = 24
TOKEN_MIN_CHARS, TOKEN_MAX_CHARS = 12, 512


def serve(
    device: Device,
    plan: StreamPlan,
    where: Address,
    *,
    token_stdin: bool = False,
    takes_orders: bool = True,
) -> Result:
    """Serve until the duration is over, a signal comes or the camera is lost for good.

    Raises NetworkError when the port is taken, and what ends a recording.
    """
    token = read_token(token_stdin)
    is_generated = not token and not is_loopback(where.host)
    if is_generated:
        token = Secret(secrets.token_urlsafe(TOKEN_BYTES))
    broadcast = Broadcast()
    recorder = plan.make_recorder(device, broadcast)
    source = CameraSource(recorder, broadcast, takes_orders=takes_orders)
    with HttpServer({"/": source}, AccessRules(host=where.host, token=token), where.port) as server:
        try:
            announce(Address(where.host, server.port), token if is_generated else None, plan)
            recording, exit_code = run_recorder(recorder)
        finally:
            source.end()
    return Result(error=recording.error, is_empty=True, exit_code=exit_code)


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
