"""Options that several commands share: one spelling, one help text."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from v380cli import text as quantities
from v380cli.commands._names import complete_camera, complete_target
from v380cli.errors import UsageError
from v380cli.models import Quality, Via

MAX_KEPT_DAYS = 36_500

__all__ = [
    "AllOption",
    "CameraArgument",
    "CamerasArgument",
    "CodeFileOption",
    "DeviceIdOption",
    "DeviceOption",
    "DurationOption",
    "JsonOption",
    "JsonlOption",
    "KeepDaysOption",
    "KeepSizeOption",
    "MinFreeOption",
    "NoAudioOption",
    "PasswordStdinOption",
    "Quality",
    "QualityOption",
    "UsernameOption",
    "ViaOption",
    "WaitOption",
    "YesOption",
    "ZoneOption",
    "complete_camera",
    "complete_target",
    "parse_duration",
    "parse_period",
    "parse_size",
    "parse_span",
    "place_option",
    "size_option",
    "time_option",
]


def parse_duration(text: str) -> float:
    """`90`, `90s`, `10m`, `1h30m` to seconds; raises typer.BadParameter."""
    with _usage():
        return quantities.parse_duration(text)


def parse_span(text: str) -> float:
    """As `parse_duration`; `0` is none."""
    return 0.0 if text.strip() in ("0", "0s") else parse_duration(text)


def parse_size(text: str) -> int:
    """`500M`, `1.5G` or a number of bytes; raises typer.BadParameter."""
    with _usage():
        return quantities.parse_size(text)


@contextlib.contextmanager
def _usage() -> Iterator[None]:
    """Tell what an option cannot be as typer does, with the option's name."""
    try:
        yield
    except (ValueError, UsageError) as error:
        raise typer.BadParameter(str(error)) from None


def parse_period(text: str) -> float:
    """As `parse_duration`; `off` is infinity."""
    return float("inf") if text.strip().lower() == "off" else parse_duration(text)


def time_option(help_: str, parse: Callable[[str], float] = parse_duration) -> Any:
    """An option that takes a time."""
    return typer.Option(parser=parse, metavar="TIME", help=help_)


def size_option(help_: str) -> Any:
    """An option that takes a size."""
    return typer.Option(parser=parse_size, metavar="SIZE", help=help_)


def check_device_id(number: int) -> int:
    """The callback of an option that takes a device id, where 0 is none; typer.BadParameter."""
    if not number:
        return number
    from v380cli.work.identity import parse_device_id

    with _usage():
        return parse_device_id(str(number))


def refuse_fields(path: Any) -> Any:
    """The callback of an option that is one file or folder; typer.BadParameter for a template."""
    from v380cli.sinks.naming import FIELDS

    for field in FIELDS:
        if f"{{{field}}}" in str(path):
            raise typer.BadParameter(f"this is one place, and {{{field}}} would stand for nothing")
    return path


def place_option(metavar: str, help_: str) -> Any:
    """The option --output of a command that writes one file, or into one folder."""
    return typer.Option("--output", "-o", metavar=metavar, callback=refuse_fields, help=help_)


# Places of words that no completion script knows by heart.
FILES, POSITIONS, ASSIGNMENTS = ("FILE",), ("POSITION",), ("KEY=VALUE",)


class Words(str):
    """How an argument is written that begins with cameras, and what may stand `after` the first."""

    after: tuple[tuple[str, ...], ...]

    def __new__(cls, text: str, *after: Iterable[str]) -> Self:
        """`after` has a place each."""
        made = super().__new__(cls, text)
        made.after = tuple(map(tuple, after))
        return made


CamerasArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CAMERA]...",
        help="Name, device id, MAC, address or @group.",
        autocompletion=complete_target,
    ),
]
CameraArgument = Annotated[
    str,
    typer.Argument(
        metavar="[CAMERA]",
        help="Name, device id, MAC or address.",
        show_default=False,
        autocompletion=complete_camera,
    ),
]
DeviceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        "-d",
        metavar="CAMERA",
        help="The same as an option; repeatable.",
        autocompletion=complete_target,
    ),
]
UsernameOption = Annotated[
    str,
    typer.Option(
        metavar="USER", envvar="V380_USERNAME", help="User to log in as; else the list's, or admin."
    ),
]
PasswordStdinOption = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, one line."),
]
DeviceIdOption = Annotated[
    int,
    typer.Option(
        "--id",
        metavar="N",
        show_default=False,
        callback=check_device_id,
        help="Device id of the camera at an address; then it need not answer discovery.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every camera of the device list.")]
NoControlsOption = Annotated[
    bool,
    typer.Option("--no-controls", help="Pages show the camera, and nobody turns it from there."),
]
WaitOption = Annotated[
    bool,
    typer.Option(
        "--wait", help="Wait for a camera that is not there yet; for several that is so anyway."
    ),
]
ViaOption = Annotated[
    Via | None,
    typer.Option(
        help="How to reach it: lan is the private protocol, auto takes RTSP where that fails."
    ),
]
DurationOption = Annotated[
    float | None,
    typer.Option(
        "--duration",
        parser=parse_duration,
        metavar="TIME",
        help="Stop after 90, 90s, 10m or 1h30m; else Ctrl-C.",
    ),
]
QualityOption = Annotated[
    Quality | None, typer.Option(help="Which stream; else the device list's, or hd.")
]
NoAudioOption = Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")]
CodeFileOption = Annotated[
    Path | None,
    place_option("FILE", "Write a .png or .svg instead."),
]
KeepDaysOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=MAX_KEPT_DAYS, metavar="N", help="Delete files that are older than N days."
    ),
]
KeepSizeOption = Annotated[
    int | None, size_option("Keep no more than this of each camera; the oldest files go.")
]
MinFreeOption = Annotated[
    int | None, size_option("Delete the oldest files while the disk has less than this left.")
]
JsonlOption = Annotated[
    bool, typer.Option("--jsonl", help="One JSON line per event, as it happens.")
]
ZoneOption = Annotated[
    str,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        envvar="V380_TIMEZONE",
        help="Of the camera's clock: Europe/Madrid or +05:30; else this machine's.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
