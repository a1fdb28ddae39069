"""`v380 capture record`: packets between this machine and cameras, into a file."""

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.commands.capture.options import RawOption, choose_redactor
from v380cli.errors import NetworkError, V380Error
from v380cli.models import Device
from v380cli.redaction import Redactor
from v380cli.text import format_size

if TYPE_CHECKING:
    from v380cli.work.packet_file import PacketFile
    from v380cli.work.visit import Visited

MIB = 1 << 20


@camera_command()
def record(
    call: CameraCall,
    output: Annotated[Path, _options.place_option("FILE", "A new pcapng file.")] = Path(
        "camera.pcapng"
    ),
    duration: Annotated[
        str, typer.Option(metavar="TIME", help="How long; of --tap, how long to look at it.")
    ] = "60s",
    max_size: Annotated[
        int, typer.Option("--max-size", metavar="MB", min=1, max=100_000, help="End there.")
    ] = 1000,
    tap: Annotated[
        bool,
        typer.Option("--tap", help="Visit the camera, and record what is said. Needs no root."),
    ] = False,
    raw: RawOption = False,
    yes: _options.YesOption = False,
) -> Result:
    """Record the packets between this machine and cameras.

    Whoever talks to them here is recorded: another `v380`, another program. That takes root; with
    --tap it is this command that asks the camera what a client usually asks, and looks at its
    stream. Ids, addresses, passwords and pictures do not get into the file, unless --raw.

    $ v380 capture record porch --tap -o porch.pcapng
    """
    from v380cli.work.visit import learn_device

    seconds = _options.parse_duration(duration)
    redactor = choose_redactor(raw=raw, yes=yes)
    devices = call.resolve()
    for one in devices:
        if redactor:
            learn_device(redactor, one)
    with _open_file(output, redactor, devices, max_size) as file:
        errors = (_tap if tap else _sniff)(file, devices, seconds)
    if not file.packets and not errors:
        raise NetworkError("nothing passed between this machine and the camera")
    error = errors[0] if errors else None
    return Result(
        document={"path": file.path, "packets": file.packets, "size_bytes": file.size_bytes},
        show=partial(_print_result, file),
        error=redactor.redact_error(error) if error and redactor else error,
        is_empty=not file.packets,
    )


@contextlib.contextmanager
def _open_file(
    path: Path, redactor: Redactor | None, devices: Sequence[Device], max_size: int
) -> "Iterator[PacketFile]":
    """The file; gone again when nothing was written into it."""
    from v380cli.work.packet_file import PacketFile

    ports = {device.port for device in devices}
    file = PacketFile(path, redactor, ports=ports, max_bytes=max_size * MIB)
    try:
        with file:
            yield file
    finally:
        if not file.packets:
            path.unlink(missing_ok=True)


def _tap(file: "PacketFile", devices: Sequence[Device], seconds: float) -> list[V380Error]:
    """Visit one camera after another; what went wrong."""
    from v380cli.work.tapping import Tap
    from v380cli.work.visit import Visitor

    opener = Tap(file.take).open_channel
    errors: list[V380Error] = []
    for device in devices:
        visitor = Visitor(device, opener)
        with stop_on_signals(visitor.interrupt.request) as caught:
            visited = visitor.visit(seconds)
        errors += _list_errors(visited)
        caught.leave()
    return errors


def _list_errors(visited: "Visited") -> list[V380Error]:
    """Only a log-in that failed makes the visit fail: what a camera refuses is worth a capture."""
    for what, problem in visited.problems:
        _console.say(f"{what}: {problem.message}")
    error = visited.inspection.error
    return [error] if error and visited.inspection.ticket is None else []


def _sniff(file: "PacketFile", devices: Sequence[Device], seconds: float) -> list[V380Error]:
    from v380cli.work.sniffing import sniff

    stopped: list[bool] = []
    with stop_on_signals(lambda: stopped.append(True)):
        sniff(file, devices, seconds, lambda: bool(stopped))
    return []


def _print_result(file: "PacketFile") -> None:
    path = _console.shorten_path(file.path)
    row = (path, f"{file.packets} packets", format_size(file.size_bytes))
    _console.print_table(("file", "packets", "size"), [row])
