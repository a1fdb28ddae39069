"""Options that several `v380 provision` commands share."""

from typing import Annotated

import typer

from v380cli.commands import _options
from v380cli.commands._options import check_device_id
from v380cli.net.interfaces import Interface, list_interfaces

SsidOption = Annotated[
    str, typer.Option("--ssid", metavar="SSID", help="The network that the camera is to join.")
]
PskStdinOption = Annotated[
    bool,
    typer.Option("--psk-stdin", help="Read the PSK from standard input, one line; empty for none."),
]
FromSystemOption = Annotated[
    bool, typer.Option("--from-system", help="The Wi-Fi that this machine is on, PSK included.")
]
IdOption = Annotated[
    int,
    typer.Option(
        "--id",
        metavar="N",
        show_default=False,
        callback=check_device_id,
        help="Device id of the camera.",
    ),
]
InterfaceOption = Annotated[
    list[str] | None,
    typer.Option(metavar="IF", help="Network interface, and no other; repeatable."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Send an SSID or PSK that looks dangerous all the same.")
]
SaveOption = Annotated[
    bool, typer.Option("--save", help="Add the camera to the device list once it was seen.")
]
NameOption = Annotated[str, typer.Option("--name", metavar="NAME", help="Its name in the list.")]
JoinOption = Annotated[
    bool,
    typer.Option(
        "--join",
        help="Join the camera's hotspot with nmcli, and come back whatever happens; "
        "V380_HOTSPOT_PSK has its PSK if it wants one.",
    ),
]
WifiInterfaceOption = Annotated[
    str, typer.Option("--wifi-interface", metavar="IF", help="The Wi-Fi that --join takes.")
]


def check_interfaces(names: list[str] | None) -> tuple[str, ...] | None:
    """The names, None for all; raises typer.BadParameter for one that there is not."""
    choose_interfaces(names)
    return tuple(names) if names else None


def choose_interfaces(names: list[str] | None) -> list[Interface]:
    """The interfaces of these names, else all but loopback; raises typer.BadParameter."""
    present = list_interfaces()
    if not names:
        return [entry for entry in present if not entry.is_loopback]
    for name in names:
        if name not in {entry.name for entry in present}:
            there = ", ".join(dict.fromkeys(entry.name for entry in present))
            raise typer.BadParameter(
                f"no interface {name!r} has an IPv4 address; there is: {there}"
            )
    return [entry for entry in present if entry.name in names]


def parse_timeout(text: str, default_s: float) -> float:
    """A duration, or the default where none was given."""
    return _options.parse_duration(text) if text else default_s
