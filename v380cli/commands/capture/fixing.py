"""`v380 capture fixture`: a camera's answers as a file that tests and `simulate --replay` take."""

import json
from pathlib import Path
from typing import Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands.capture.options import FileArgument, PortOption, open_capture
from v380cli.disk import write_whole
from v380cli.errors import InvalidInput, StorageError
from v380cli.explain.capture_file import CaptureReader
from v380cli.models import DEFAULT_PORT
from v380cli.redaction import Redactor


def fixture(
    file: FileArgument,
    output: Annotated[Path, _options.place_option("FILE.json", "Write it there.")],
    model: Annotated[
        str, typer.Option(metavar="TEXT", help="What camera it is, as its maker calls it.")
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="TEXT", help="Who recorded it, or where it was published.")
    ] = "",
    port: PortOption = None,
) -> None:
    """Make a fixture of a capture: what a camera said to what, without a person in it.

    `v380 simulate --replay` plays it; the project's tests hold the client to it.

    $ v380 capture fixture porch.pcapng -o porch.json
    """
    from v380cli.explain.explainer import Explainer
    from v380cli.explain.fixture import collect, find_versions, to_document

    redactor = Redactor()
    explainer = Explainer(redactor, ports={DEFAULT_PORT, *(port or ())}, with_frames=True)
    with open_capture(file) as opened:
        events = explainer.explain(CaptureReader(opened).read_packets())
        connections = collect(events, redactor)
    if not connections:
        raise InvalidInput("no message of a camera is in this capture")
    camera = {"model": model, **find_versions(connections), "source": source}
    text = json.dumps(to_document(connections, camera), indent=1) + "\n"
    try:
        write_whole(output, text.encode())
    except OSError as error:
        raise StorageError(f"{output} cannot be written: {error.strerror}") from error
    _console.talk(f"{len(connections)} connections are in {output}")
