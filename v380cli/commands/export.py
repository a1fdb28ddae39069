"""`v380 export`: what other programs want to be told of the cameras."""

import shutil
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from v380cli.commands import _options
from v380cli.errors import CameraNotFound
from v380cli.models import Device
from v380cli.text import join_words
from v380cli.work.export_services import export_compose, export_k8s, export_systemd
from v380cli.work.export_streams import (
    ExportPlan,
    export_frigate,
    export_go2rtc,
    export_homeassistant,
    export_mediamtx,
)
from v380cli.work.stream_names import name_streams


class Program(StrEnum):
    """Who is to be told."""

    GO2RTC = "go2rtc"
    FRIGATE = "frigate"
    MEDIAMTX = "mediamtx"
    HOMEASSISTANT = "homeassistant"
    SYSTEMD = "systemd"
    COMPOSE = "compose"
    K8S = "k8s"


EXPORTERS: dict[Program, Callable[[ExportPlan], Iterator[str]]] = {
    Program.GO2RTC: export_go2rtc,
    Program.FRIGATE: export_frigate,
    Program.MEDIAMTX: export_mediamtx,
    Program.HOMEASSISTANT: export_homeassistant,
    Program.SYSTEMD: export_systemd,
    Program.COMPOSE: export_compose,
    Program.K8S: export_k8s,
}


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
        command=_find_command(),
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


def _find_command() -> str:
    """The whole path of this command, for programs whose PATH and folder may be others."""
    found = shutil.which(sys.argv[0]) or shutil.which("v380")
    return str(Path(found).absolute()) if found else "v380"
