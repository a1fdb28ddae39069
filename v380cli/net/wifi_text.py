"""What `nmcli` and `iw` print, parsed; pure functions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_NETWORKS = 512

_ESCAPED_COLON = re.compile(r"(?<!\\)((?:\\\\)*):")
_BACKSLASHED = re.compile(r"\\(.)")
_HEX_ESCAPES = re.compile(rb"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class AirNetwork:
    """A network in the air as this machine sees it; `signal` in per cent (nmcli) or dBm (iw)."""

    ssid: str
    bssid: str = ""
    frequency_mhz: int = 0
    signal: int = 0
    is_encrypted: bool = False
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiLink:
    """A Wi-Fi interface and the connection profile that is up on it, if any."""

    interface: str
    profile: str = ""
    uuid: str = ""


def split_terse(line: str) -> list[str]:
    """The fields of a line of `nmcli --terse`, which puts a backslash before `:` and itself."""
    marked = _ESCAPED_COLON.sub("\\1\0", line)
    return [_BACKSLASHED.sub(r"\1", field) for field in marked.split("\0")]


def parse_links(devices: str, active: str) -> list[WifiLink]:
    """From `device status` (DEVICE,TYPE) and `connection show --active` (NAME,UUID,TYPE,DEVICE)."""
    profiles = {
        fields[3]: fields
        for fields in map(split_terse, active.splitlines())
        if len(fields) == 4 and fields[2] in ("802-11-wireless", "wifi")
    }
    return [
        WifiLink(
            interface=fields[0],
            profile=profiles.get(fields[0], [""])[0],
            uuid=profiles.get(fields[0], ["", ""])[1],
        )
        for fields in map(split_terse, devices.splitlines())
        if len(fields) >= 2 and fields[1] == "wifi"
    ]


def parse_nmcli_networks(output: str) -> list[AirNetwork]:
    """From `device wifi list` (IN-USE,SSID,BSSID,FREQ,SIGNAL,SECURITY), strongest first."""
    found = [
        AirNetwork(
            ssid=fields[1],
            bssid=fields[2].lower(),
            frequency_mhz=_parse_leading_number(fields[3]),
            signal=_parse_leading_number(fields[4]),
            is_encrypted=fields[5] not in ("", "--"),
            is_ours=fields[0].strip() == "*",
        )
        for fields in map(split_terse, output.splitlines()[:MAX_NETWORKS])
        if len(fields) == 6
    ]
    return sort_networks(found)


def parse_iw_interfaces(output: str) -> list[str]:
    """The interfaces of `iw dev`."""
    return re.findall(r"^\s*Interface (\S+)$", output, re.MULTILINE)


def parse_iw_networks(output: str) -> list[AirNetwork]:
    """From `iw dev IF scan`, strongest first; hidden networks are left out."""
    blocks = re.split(r"^BSS ", output, flags=re.MULTILINE)[1 : MAX_NETWORKS + 1]
    found = [_parse_iw_block(block) for block in blocks]
    return sort_networks([network for network in found if network.ssid])


def sort_networks(networks: list[AirNetwork]) -> list[AirNetwork]:
    """Strongest first."""
    return sorted(networks, key=lambda network: -network.signal)


def _parse_iw_block(block: str) -> AirNetwork:
    values: dict[str, str] = {}
    for key, value in _split_iw_lines(block):
        values.setdefault(key, value)
    privacy = "Privacy" in values.get("capability", "")
    return AirNetwork(
        ssid=_unescape_iw(values.get("SSID", "")),
        bssid=block[:17].lower(),
        frequency_mhz=_parse_leading_number(values.get("freq", "")),
        signal=_parse_leading_number(values.get("signal", "")),
        is_encrypted=privacy or "RSN" in values or "WPA" in values,
        is_ours="-- associated" in block.partition("\n")[0],
    )


def _split_iw_lines(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines()[1:]:
        key, colon, value = line.strip().partition(":")
        if colon:
            yield key, value.strip()


def _unescape_iw(ssid: str) -> str:
    r"""`iw` writes bytes that are not printable as `\xNN`."""
    data = _HEX_ESCAPES.sub(lambda match: bytes([int(match[1], 16)]), ssid.encode())
    return data.decode(errors="replace")


def _parse_leading_number(text: str) -> int:
    match = re.match(r"\s*(-?\d{1,6})", text)
    return int(match[1]) if match else 0
