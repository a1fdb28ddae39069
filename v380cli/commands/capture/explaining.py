"""`v380 capture explain`: what a capture file says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands.capture.options import (
    STANDARD_STREAM,
    FileArgument,
    PortOption,
    RawOption,
    choose_redactor,
    open_capture,
)
from v380cli.explain.capture_file import CaptureReader
from v380cli.models import DEFAULT_PORT

if TYPE_CHECKING:
    from v380cli.explain.explainer import Event, Explainer

PROGRESS_PACKETS = 2000  # between two looks at how far it is


def explain(
    file: FileArgument,
    fields: Annotated[
        bool, typer.Option("--fields", help="A line for each field, and for what nobody knows.")
    ] = False,
    port: PortOption = None,
    raw: RawOption = False,
    yes: _options.YesOption = False,
    json_: _options.JsonOption = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="A line of JSON for each message.")
    ] = False,
) -> None:
    """Say what the packets in a capture file mean.

    pcap and pcapng, from Ethernet, Wi-Fi in clear, cooked and raw captures. Streams are summed up
    at their end. Needs no camera and sends nothing.

    $ v380 capture explain porch.pcapng --fields
    """
    from v380cli.commands.capture import view
    from v380cli.explain.explainer import Explainer

    redactor = choose_redactor(raw=raw, yes=yes)
    explainer = Explainer(redactor, ports={DEFAULT_PORT, *(port or ())})
    with open_capture(file) as opened:
        reader = CaptureReader(opened)
        size = 0 if file == STANDARD_STREAM else file.stat().st_size
        events = _follow(reader, explainer, size)
        if jsonl:
            for event in events:
                _console.print_json_line(event.to_json())
        elif json_:
            _console.print_json_list(event.to_json() for event in events)
        else:
            view.print_events(events, fields=fields)
    view.talk_summary(explainer, reader.problem)


def _follow(reader: CaptureReader, explainer: "Explainer", size_bytes: int) -> "Iterator[Event]":
    """All events; on a terminal that shows nothing else, with a bar."""
    with _console.show_progress(size_bytes, "explained") as advance:
        for packet in reader.read_packets():
            yield from explainer.receive(packet)
            if explainer.packets % PROGRESS_PACKETS == 0:
                advance(reader.bytes_read)
        yield from explainer.finish()
