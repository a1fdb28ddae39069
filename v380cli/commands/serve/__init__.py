"""`v380 serve`: cameras for players, recorders and home automation."""

from typing import Annotated

import typer

from v380cli.commands import _metrics, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._serving_address import parse_address

DEFAULT_RTSP_PORT, DEFAULT_HTTP_PORT = 8554, 8080


@camera_command(all_devices=True, via=True)
def serve(
    call: CameraCall,
    rtsp: Annotated[
        str, typer.Option(metavar="[HOST]:PORT", help="Where to serve RTSP.")
    ] = f"127.0.0.1:{DEFAULT_RTSP_PORT}",
    http: Annotated[
        str,
        typer.Option(
            metavar="[HOST]:PORT", help="Serve pages, MPEG-TS, MP4 and pictures there, too."
        ),
    ] = "",
    user: Annotated[
        str, typer.Option(metavar="USER", help="User that players log in as; else v380.")
    ] = "",
    password_stdin_serve: Annotated[
        bool,
        typer.Option(
            "--password-stdin-serve",
            help="Read the players' password from standard input; else V380_SERVE_PASSWORD.",
        ),
    ] = False,
    always: Annotated[
        bool,
        typer.Option(
            "--always/--on-demand", help="Keep cameras open, or open them while somebody watches."
        ),
    ] = False,
    metrics: _metrics.MetricsOption = None,
    no_audio: _options.NoAudioOption = False,
    no_controls: _options.NoControlsOption = False,
) -> Result:
    """Serve cameras over RTSP and HTTP: one link to each, whatever the number of players.

    The picture stays as the camera sends it; sound goes as A-law or AAC. A camera is at
    rtsp://HOST:PORT/NAME, and its small stream at /NAME/sd.

    $ v380 serve --all
    $ v380 serve porch garage --http :8080
    """
    from v380cli.commands.serve import password, running, streams  # they take their time

    if call.login.password_stdin and password_stdin_serve:
        raise typer.BadParameter("standard input has one password: --password-stdin or the other")
    where = parse_address(rtsp, DEFAULT_RTSP_PORT)
    page = parse_address(http, DEFAULT_HTTP_PORT) if http else None
    hosts = [place.host for place in (where, page) if place]
    credentials = password.read_credentials(hosts, user, from_stdin=password_stdin_serve)
    plan = running.ServePlan(
        rtsp=where, http=page, metrics=metrics, credentials=credentials, json=call.json
    )
    call.wait = True
    devices = call.resolve()
    served = streams.list_cameras(
        devices, audio=not no_audio, is_always=always, takes_orders=not no_controls
    )
    return Result(exit_code=running.serve_cameras(served, plan))
