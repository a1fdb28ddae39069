"""The programs that can be told of cameras, and who writes the text for each."""

import shutil
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from v380cli.work.export_services import export_compose, export_k8s, export_systemd
from v380cli.work.export_streams import (
    ExportPlan,
    export_frigate,
    export_go2rtc,
    export_homeassistant,
    export_mediamtx,
)


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


def find_command() -> str:
    """The whole path of `v380`, for programs whose PATH and folder may be others."""
    found = shutil.which(sys.argv[0]) or shutil.which("v380")
    return str(Path(found).absolute()) if found else "v380"
