"""What a camera can be called besides its name: device id, MAC, address."""

import re
from dataclasses import dataclass

from v380cli.errors import UsageError
from v380cli.models import MAX_DEVICE_ID

HOST_MAX_CHARS = 253  # RFC 1035
ID_MAX_CHARS = 32  # with zeros in front
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_BARE_MAC = re.compile(r"[0-9A-Fa-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One of a device id, a MAC or a host, as a person wrote it; `port` None was not written."""

    device_id: int = 0
    mac: str = ""
    host: str = ""
    port: int | None = None


def parse_identity(text: str) -> Identity | None:
    """What `text` says about a camera, or None where it can only be a name."""
    from v380cli.wire.discovery import parse_mac  # its messages take a while to define

    if text.isascii() and text.isdigit():
        number = int(text) if len(text) <= ID_MAX_CHARS else 0
        return Identity(device_id=number) if 0 < number <= MAX_DEVICE_ID else None
    if mac := parse_mac(text):
        return Identity(mac=mac)
    host, port = _split_address(text)
    looks_like_host = "." in host or host == "localhost" or port is not None
    return Identity(host=host, port=port) if host and looks_like_host else None


def parse_device_id(text: str) -> int:
    """A device id in digits; raises UsageError."""
    identity = parse_identity(text.strip())
    if identity is None or not identity.device_id:
        raise UsageError(
            f"{text!r} is not a device id: that is the number on the sticker, 1 to {MAX_DEVICE_ID}"
        )
    return identity.device_id


def parse_mac_address(text: str) -> str:
    """A MAC, with colons, dashes or nothing between; raises UsageError."""
    from v380cli.wire.discovery import parse_mac

    bare = _BARE_MAC.fullmatch(text.strip())
    pairs = re.findall("..", bare.group()) if bare else []
    mac = parse_mac(":".join(pairs) if pairs else text)
    if not mac:
        raise UsageError(f"{text!r} is not a MAC address; write 00:11:22:33:44:55")
    return mac


def parse_address(text: str) -> tuple[str, int | None]:
    """`host[:port]`, a name or an IPv4 address; raises UsageError."""
    host, port = _split_address(text.strip())
    if not host:
        raise UsageError(f"{text!r} is not an address; write 192.168.1.50 or 192.168.1.50:8800")
    return host, port


def _split_address(text: str) -> tuple[str, int | None]:
    """Host and port; an empty host for what cannot be an address."""
    host, colon, digits = text.partition(":")
    if not _HOST.fullmatch(host) or len(host) > HOST_MAX_CHARS:
        return "", None
    if not colon:
        return host.lower(), None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and 0 < int(digits) < 65536):
        return "", None
    return host.lower(), int(digits)
