"""LAN discovery: the probe that asks and the beacon that a camera answers (PROTOCOL.md, section 2).

Both are text split at `^`; an NVR answers in binary. What a beacon says is checked field by field,
and a field that makes no sense reads as unknown: old firmware leaves fields out, strangers lie.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import ClassVar

from v380cli.errors import LocalProtocolError, RemoteProtocolError
from v380cli.models import DEFAULT_PORT, MAX_DEVICE_ID, Beacon
from v380cli.text import clean_text
from v380cli.wire.layout import I32, U8, Annotated, Message, text

PROBE_PORT = 10008
REPLY_PORT = 10009  # where cameras answer, whatever port the probe came from
MULTICAST_GROUP = "239.0.0.30"
MULTICAST_PORT = 9200
HOTSPOT_PORT = 4000  # both ends, while the camera is its own hotspot (section 1a)

PROBE_VERSION = "100"  # cameras want exactly this
ANSWER_VERSION = "200"

# Text answers have about 130 bytes, an NVR's with 255 sub-devices 1083.
MAX_ANSWER_BYTES = 2048
MAX_PART_CHARS = 16  # the camera's own limit for version and extra

ANSWER_KINDS = {
    "NVDEVSEARCH": "NVDEVRESULT",
    "LVDEVSEARCH": "LVDEVRESULT",
    "NVGROUPSEARCH": "NVSEARCHRESULT",
}
NVR_KIND = "NVR"  # our name: the binary answer carries none

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to every camera; `extra` is the id that NVGROUPSEARCH asks for."""

    kind: str = "NVDEVSEARCH"
    extra: str = ""

    @property
    def answer_kind(self) -> str:
        """The kind of beacon that answers this probe."""
        return ANSWER_KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class NvrAnswer(Message):
    """The binary answer of a recorder; alarm state and sub-devices follow and are not read."""

    SIZE: ClassVar[int] = 512
    MAGIC: ClassVar[int] = 1280

    magic: Annotated[int, I32.at(0)] = MAGIC
    config_id: Annotated[int, U8.at(4)] = 0
    device_type: Annotated[int, U8.at(5)] = 0
    device_id: Annotated[int, I32.at(6)] = 0
    ip: Annotated[str, text(32).at(10)] = ""
    port: Annotated[int, I32.at(42)] = DEFAULT_PORT


def encode_probe(kind: str = "NVDEVSEARCH", extra: str = "") -> bytes:
    """Encode `kind^100`, with `^extra` where there is one."""
    return _join_fields([kind, PROBE_VERSION, *([extra] if extra else [])])


def decode_probe(data: bytes) -> Probe | None:
    """Decode as a camera does; None for what a camera would not answer."""
    kind, _, rest = _decode_text(data).partition("^")
    version, _, extra = rest.partition("^")
    if kind not in ANSWER_KINDS or version != PROBE_VERSION or len(extra) > MAX_PART_CHARS:
        return None
    return Probe(kind, extra)


def decode_beacon(data: bytes) -> Beacon:
    """Decode an answer in any of its forms; fields that are missing or senseless read as unknown.

    Raises RemoteProtocolError for anything else, or one that names nobody: no id, MAC or IP.
    """
    if len(data) > MAX_ANSWER_BYTES:
        raise RemoteProtocolError(f"a discovery answer of {len(data)} bytes")
    is_binary = data[:4] == NvrAnswer.MAGIC.to_bytes(4, "little")
    beacon = _decode_nvr(data) if is_binary else _decode_text_beacon(data)
    if not (beacon.device_id or beacon.mac or beacon.ip):
        raise RemoteProtocolError("a discovery answer that names no camera")
    return beacon


def encode_beacon(beacon: Beacon) -> bytes:
    """Encode in the form that `beacon.kind` names; what it leaves empty is sent empty."""
    if beacon.kind == NVR_KIND:
        return NvrAnswer(
            config_id=beacon.config_id,
            device_id=beacon.device_id,
            ip=beacon.ip,
            port=beacon.port,
        ).encode()
    head = [beacon.kind, beacon.version or ANSWER_VERSION]
    head += [beacon.mac, beacon.ip, beacon.netmask, beacon.gateway]
    device_id = str(beacon.device_id)
    # The constants are what firmware sends; nobody knows their meaning.
    if beacon.kind == "NVSEARCHRESULT":
        return _join_fields([*head, "5051", device_id, "0", "0", "0", device_id, "0"])
    ports = ["5040", "5050", "5051", str(beacon.port), "7050", "5040"]
    return _join_fields([*head, *ports, device_id, str(beacon.config_id), "0"])


def _decode_nvr(data: bytes) -> Beacon:
    answer = NvrAnswer.decode(data)
    return Beacon(
        kind=NVR_KIND,
        device_id=max(answer.device_id, 0),
        ip=parse_address(answer.ip),
        port=_parse_port(str(answer.port)),
        config_id=answer.config_id,
    )


def _decode_text_beacon(data: bytes) -> Beacon:
    fields = _decode_text(data).split("^")
    kind = fields[0]
    if kind not in ANSWER_KINDS.values():
        raise RemoteProtocolError(f"not a discovery answer: {clean_text(kind[:32])!r}")

    def field(index: int) -> str:
        return fields[index] if index < len(fields) else ""

    is_search = kind == "NVSEARCHRESULT"
    return Beacon(
        kind=kind,
        version=clean_text(field(1))[:MAX_PART_CHARS],
        mac=parse_mac(field(2)),
        ip=parse_address(field(3)),
        netmask=parse_netmask(field(4)),
        gateway=parse_address(field(5)),
        port=DEFAULT_PORT if is_search else _parse_port(field(9)),
        device_id=_parse_number(field(7 if is_search else 12)),
        config_id=0 if is_search else _parse_number(field(13)),
    )


def parse_mac(value: str) -> str:
    """`aa:bb:cc:dd:ee:ff` in small letters, or empty; all zeros is nobody's address."""
    mac = value.strip().lower().replace("-", ":")
    return mac if _MAC.fullmatch(mac) and mac.strip("0:") else ""


def parse_address(value: str) -> str:
    """An IPv4 address that one host can have, or empty."""
    try:
        address = ipaddress.IPv4Address(value.strip())
    except ValueError:
        return ""
    is_host = not (address.is_multicast or address.is_unspecified or address.is_reserved)
    return str(address) if is_host else ""


def parse_netmask(value: str) -> str:
    """A netmask of leading one bits, or empty."""
    try:
        mask = ipaddress.IPv4Address(value.strip())
    except ValueError:
        return ""
    host_bits = ~int(mask) & 0xFFFF_FFFF
    return str(mask) if int(mask) and not host_bits & (host_bits + 1) else ""


def _parse_port(value: str) -> int:
    """A TCP port; 8800 for anything else, as the vendor's app does."""
    port = _parse_number(value)
    return port if 0 < port < 65536 else DEFAULT_PORT


def _parse_number(value: str) -> int:
    """Decimal digits up to the largest i32, or 0."""
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        return 0
    number = int(digits)
    return number if number <= MAX_DEVICE_ID else 0


def _decode_text(data: bytes) -> str:
    return data[:MAX_ANSWER_BYTES].split(b"\0", 1)[0].decode("ascii", errors="replace").strip()


def _join_fields(fields: list[str]) -> bytes:
    if any("^" in field or not field.isascii() for field in fields):
        raise LocalProtocolError("a field of a discovery message has a '^' or is not ASCII")
    return "^".join(fields).encode("ascii")
