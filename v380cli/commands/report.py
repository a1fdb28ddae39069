"""`v380 report`: what to attach to a bug report."""

from pathlib import Path
from typing import Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._session import interruptible
from v380cli.disk import PRIVATE_FILE_MODE, write_whole
from v380cli.errors import StorageError, V380Error
from v380cli.redaction import Redactor

LIVE_S = 3.0


@camera_command(_options.CameraArgument, json=False)
def report(
    call: CameraCall,
    output: Annotated[Path | None, _options.place_option("FILE.zip", "Write it there.")] = None,
    yes: _options.YesOption = False,
) -> None:
    """Show what to attach to a bug report, and write it with -o.

    Examines this machine and the camera as `v380 doctor` does, logs in, asks for the settings,
    lists today's recordings and looks at the stream for three seconds. No id, address, name,
    network, password or picture is in it. Nothing is sent.

    $ v380 report porch
    $ v380 report porch -o report.zip
    """
    from v380cli.work.report import Reporter, make_texts, make_zip
    from v380cli.work.visit import learn_device

    found = call.resolve_one()
    redactor = Redactor()
    learn_device(redactor, found)
    reporter = Reporter(found, redactor)
    with interruptible(reporter.stop, is_change=False) as caught:
        visited = reporter.run(LIVE_S)
    caught.leave("interrupted")
    texts = make_texts(reporter, visited, redactor, gap=_console.find_gap())
    for name, text in texts.items():
        typer.echo(f"--- {name}\n{text}")
    if output:
        _write(output, make_zip(texts, reporter.session), yes=yes)
    if error := visited.inspection.error:
        _talk_error(redactor.redact_error(error))


def _write(path: Path, data: bytes, *, yes: bool) -> None:
    if not yes and not _console.confirm(f"Write this to {path}?"):
        raise typer.BadParameter("nothing was written: answer the question, or add --yes")
    try:
        write_whole(path, data, PRIVATE_FILE_MODE)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error
    _console.talk(f"{path}: nothing was sent; attach it to your report")


def _talk_error(error: V380Error) -> None:
    """The report is made all the same: that it failed is what it is about."""
    _console.say(f"the camera: {error.message}")
