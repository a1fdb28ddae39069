"""Where to serve: `[HOST]:PORT` read, and shown as others see it."""

import ipaddress
import re
from typing import NamedTuple

import typer

from v380cli.net.interfaces import list_interfaces


class Address(NamedTuple):
    """Where to serve."""

    host: str
    port: int


def parse_address(text: str, default_port: int) -> Address:
    """`127.0.0.1:8080`, `[::1]:8080`, `localhost`, `8080` or `:8080`.

    Raises typer.BadParameter. Without a host it is loopback.
    """
    host, port = text, str(default_port)
    if text.isdecimal():
        host, port = "", text
    elif text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":") if not text.endswith("]") else (text, "", port)
    host = host.removeprefix("[").removesuffix("]")
    host = "127.0.0.1" if host in ("", "localhost") else host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise typer.BadParameter(
            f"{host!r} is not an address; write 127.0.0.1:{default_port}"
        ) from None
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise typer.BadParameter(f"{port!r} is not a port; write {host}:{default_port}")
    return Address(host, int(port))


def format_host(host: str) -> str:
    """As in a URL; for a server on all addresses one that others know this machine by."""
    if ipaddress.ip_address(host).is_unspecified:
        others = [each.address for each in list_interfaces() if not each.is_loopback]
        host = next(iter(others), "127.0.0.1")
    return f"[{host}]" if ":" in host else host
