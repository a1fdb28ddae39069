"""`v380 stream --serve`: the live stream over HTTP, for browsers and players."""

from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.commands._serving_address import Address, format_host
from v380cli.commands._token import choose_token
from v380cli.commands.stream._plan import StreamPlan
from v380cli.commands.stream._running import run_recorder
from v380cli.models import Device, Secret
from v380cli.net.http_access import AccessRules
from v380cli.net.http_server import HttpServer
from v380cli.sinks.broadcast import Broadcast
from v380cli.work.serving.camera_source import CameraSource


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
    token, is_generated = choose_token(where.host, from_stdin=token_stdin)
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


def announce(address: Address, generated: Secret | None, plan: StreamPlan) -> None:
    """Say where to look; a token that was made up is said, one that was given is not."""
    url = f"http://{format_host(address.host)}:{address.port}/"
    if plan.json:
        _console.print_json_line({"url": url})
    shown = f"{url}?token={generated.reveal()}" if generated else url
    _console.talk(f"watch it at {shown}    (Ctrl-C ends it)")
