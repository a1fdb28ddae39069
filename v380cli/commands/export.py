"""`v380 export`: what other programs want to be told of the cameras."""

from typing import Annotated

import typer

from v380cli.commands import _options
from v380cli.errors import CameraNotFound
from v380cli.models import Device
from v380cli.text import join_words
from v380cli.work.export_programs import EXPORTERS, Program, find_command
from v380cli.work.export_streams import ExportPlan
from v380cli.work.stream_names import name_streams


def export(
    program: Annotated[
        Program, typer.Argument(metavar="PROGRAM", help=f"{join_words(list(Program))}.")
    ],
    cameras: _options.CamerasArgument = None,
    device: _options.DeviceOption = None,
    all_cameras: _options.AllOption = False,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Where `v380 serve` runs, as the program sees it.")
    ] = "127.0.0.1",
) -> None:
    """Print the text that brings cameras into another program.

    It says where it goes, and holds no password. Nothing is asked on the network.

    $ v380 export go2rtc --all
    $ v380 export systemd porch -d garage
    """
    targets = [*(cameras or []), *(device or [])]
    plan = ExportPlan(
        cameras=name_streams(_find_listed(targets, all_cameras=all_cameras)),
        command=find_command(),
        host=host,
        is_all=all_cameras,
    )
    for line in EXPORTERS[program](plan):
        typer.echo(line)


def _find_listed(targets: list[str], *, all_cameras: bool) -> list[Device]:
    from v380cli.store.database import open_device_list
    from v380cli.work.targets import find_named

    if not targets and not all_cameras:
        raise typer.BadParameter("name a camera of the device list, @group, or --all")
    with open_device_list(create=False) as devices:
        records = devices.list_devices() if all_cameras else find_named(devices, targets)
    if not records:
        raise CameraNotFound(
            "the device list is empty", hint="add a camera with: v380 devices add NAME"
        )
    return [record.device for record in records]
