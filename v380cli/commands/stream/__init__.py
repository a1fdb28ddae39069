"""`v380 stream`: a live stream to other programs, to media servers, to browsers."""

import os
from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from v380cli.commands import _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._serving_address import parse_address
from v380cli.commands.stream._formats import StreamFormat
from v380cli.models import Device
from v380cli.sinks.server import parse_server

DEFAULT_PORT = 8080  # of --serve
TO_VARIABLE = "V380_STREAM_TO"


@camera_command(_options.CameraArgument, wait=True, via=True)
def stream(
    call: CameraCall,
    output: Annotated[
        str,
        _options.place_option("FILE", "A new file, a FIFO, or - for standard output."),
    ] = "",
    stream_format: Annotated[
        StreamFormat | None,
        typer.Option(
            "--format", help="Of the output: MPEG-TS, Matroska, or raw video; else by its ending."
        ),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help=f"Publish: rtsp(s), rtmp(s), srt or udp; else {TO_VARIABLE}.",
        ),
    ] = "",
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Do not check the certificate of an rtsps:// server."),
    ] = False,
    serve: Annotated[
        str,
        typer.Option(
            metavar="[HOST]:PORT", help="Serve browsers and players, like 127.0.0.1:8080."
        ),
    ] = "",
    token_stdin: Annotated[
        bool,
        typer.Option("--token-stdin", help="Read the token of --serve from standard input."),
    ] = False,
    no_controls: _options.NoControlsOption = False,
    duration: _options.DurationOption = None,
    quality: _options.QualityOption = None,
    no_audio: _options.NoAudioOption = False,
    reconnect: Annotated[
        bool,
        typer.Option("--reconnect/--no-reconnect", help="Mend lost links, or end with exit 4."),
    ] = True,
) -> Result:
    """Hand a live stream on: to a program, a media server, or whoever looks in with a browser.

    The picture stays as the camera sends it; sound becomes AAC where it has to. Without -o, --to
    or --serve it goes to standard output, if that is not a terminal.

    $ v380 stream porch | mpv -
    $ v380 stream porch --to rtsp://127.0.0.1:8554/porch
    """
    from v380cli.commands.stream._plan import StreamPlan
    from v380cli.commands.stream.output import choose_output, find_format, write_stream
    from v380cli.commands.stream.publishing import publish_stream

    plan = StreamPlan(
        quality=quality,
        audio=not no_audio,
        duration_s=duration or float("inf"),
        reconnect=reconnect,
        wait=call.wait,
        json=call.json,
    )
    if sum(map(bool, (output, to, serve))) > 1:
        raise typer.BadParameter("one of -o, --to and --serve; run `v380 stream` once for each")
    if stream_format and (to or serve):
        raise typer.BadParameter("--format goes with -o")
    if token_stdin and not serve:
        raise typer.BadParameter("--token-stdin goes with --serve")
    if no_controls and not serve:
        raise typer.BadParameter("--no-controls goes with --serve")
    if not (output or serve):
        to = to or os.environ.get(TO_VARIABLE, "")
    if insecure and not to:
        raise typer.BadParameter("--insecure goes with --to")
    if call.wait and not (to or serve):
        raise typer.BadParameter("--wait goes with --to and --serve")
    run: Callable[[Device], Result]  # what makes no sense is told before a camera is looked for
    if serve:
        from v380cli.commands.stream import serving  # aiohttp takes its time

        where = parse_address(serve, DEFAULT_PORT)
        run = partial(
            serving.serve,
            plan=plan,
            where=where,
            token_stdin=token_stdin,
            takes_orders=not no_controls,
        )
    elif to:
        server = parse_server(to, is_checked=not insecure)
        run = partial(publish_stream, plan=plan, server=server)
    else:
        output = choose_output(output, json=call.json)
        stream_format = stream_format or find_format(output)
        run = partial(write_stream, plan=plan, output=output, stream_format=stream_format)
    call.may_wait = bool(to or serve)
    return run(call.resolve_one("one camera at a time; run `v380 stream` once for each"))
