"""Arguments and options that several `v380 devices` commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _options
from v380cli.models import Quality, Via

if TYPE_CHECKING:
    from v380cli.store.database import DeviceList
    from v380cli.store.records import DeviceRecord

ListedCamera = Annotated[
    str,
    typer.Argument(
        metavar="CAMERA",
        help="Name, device id, MAC or address in the list.",
        autocompletion=_options.complete_camera,
    ),
]
ListedCameras = Annotated[
    list[str],
    typer.Argument(
        metavar="CAMERA...",
        help="Name, device id, MAC or address in the list, or @group.",
        autocompletion=_options.complete_target,
    ),
]
IdOption = Annotated[
    str, typer.Option("--id", metavar="N", help="Device id: the number on the sticker.")
]
AddressOption = Annotated[str, typer.Option(metavar="HOST[:PORT]", help="Where it answers.")]
MacOption = Annotated[str, typer.Option(metavar="MAC", help="Its MAC address.")]
QualityOption = Annotated[
    Quality | None, typer.Option(help="The stream to take when a command does not say.")
]
ViaOption = Annotated[Via | None, typer.Option(help="How to reach it when a command does not say.")]
RtspOption = Annotated[
    str,
    typer.Option(
        "--rtsp", metavar="URL", help="Its RTSP address, rtsp://HOST[:PORT]/PATH, no password."
    ),
]
NotesOption = Annotated[str | None, typer.Option(metavar="TEXT", help="What else to remember.")]


def find_one(devices: "DeviceList", camera: str) -> "DeviceRecord":
    """The one camera of the list that `camera` names; a group is refused."""
    from v380cli.work.targets import find_named

    found = find_named(devices, [camera])
    if len(found) != 1:
        raise typer.BadParameter(f"{camera!r} is a group; name one camera")
    return found[0]
