"""From the words of `v380 simulate` to cameras; ValueError with a sentence for what makes none."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from v380cli.media.sink import Codec
from v380cli.models import MAX_DEVICE_ID
from v380cli.simulator.camera import ENCRYPTING_DEVICE_VERSION, CameraSpec, Variant
from v380cli.simulator.radio import HotspotSpec
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import Ability

FIRST_ID = 12345678
MAX_CAMERAS = 256
MAX_PORT = 65535
OWN_PICTURES_MAX = 4  # more cameras share one picture, as each takes seconds to encode
MIN_SIDE, MAX_SIDE = 128, 4096  # below, the clock does not fit into the picture's width
BITRATES = range(10_000, 100_000_001)
CLEAR_DEVICE_VERSION = 20
ABILITIES = tuple(sorted([*(ability.replace("_", "-") for ability in Ability), "talk"]))
CODECS = {"h264": Codec.H264, "h265": Codec.HEVC, "mjpeg": Codec.MJPEG}
FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}


def parse_size(text: str) -> tuple[int, int]:
    """`1280x720` to even width and height, which 4:2:0 needs."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text.strip().lower())
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(MIN_SIDE <= side <= MAX_SIDE and side % 4 == 0 for side in (width, height)):
        raise ValueError(
            f"{text!r} is not a size; write WIDTHxHEIGHT, "
            f"multiples of 4 from {MIN_SIDE} to {MAX_SIDE}"
        )
    return width, height


def parse_bitrate(text: str) -> int:
    """`1500000`, `1500k` or `1.5M` to bits per second."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)", text.strip().lower())
    bitrate = round(float(match[1]) * FACTORS[match[2]]) if match else 0
    if bitrate not in BITRATES:
        raise ValueError(f"{text!r} is not a bit rate; write 1500k or 1.5M, from 10k to 100M")
    return bitrate


def remove_abilities(abilities: Abilities, text: str) -> Abilities:
    """The abilities without those named: `ptz,light`."""
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in ABILITIES:
            raise ValueError(f"{word!r} is not an ability; there are {', '.join(ABILITIES)}")
    missing: dict[str, Any] = {word.replace("-", "_"): 0 for word in words}
    return replace(abilities, **missing)


def list_ids(ids: Sequence[int], count: int | None) -> list[int]:
    """The ids that are given, or `count` following ones from the one given."""
    if count and len(ids) > 1:
        raise ValueError("--count goes with one --id, the first")
    if max(count or 0, len(ids)) > MAX_CAMERAS:
        raise ValueError(f"at most {MAX_CAMERAS} cameras run at once")
    first = ids[0] if ids else FIRST_ID
    chosen = list(range(first, first + count)) if count else list(ids or [first])
    if len(set(chosen)) < len(chosen):
        raise ValueError("two cameras cannot have one id")
    if not all(0 < device_id <= MAX_DEVICE_ID for device_id in chosen):
        raise ValueError(f"a device id is a number from 1 to {MAX_DEVICE_ID}")
    return chosen


def check_host(host: str, *, is_exposed: bool) -> str:
    """An IPv4 address; beyond loopback only when that is meant."""
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        raise ValueError(f"{host!r} is not an IPv4 address") from None
    if not (address.is_loopback or is_exposed):
        raise ValueError(f"others can reach {host}; say --expose if they are meant to")
    return str(address)


def choose_device_version(variant: Variant, encrypted: bool | None) -> int:
    """The variant's, unless that does not do what is wanted with the media (None: anything)."""
    encrypts = variant.device_version >= ENCRYPTING_DEVICE_VERSION
    if encrypted is None or encrypted is encrypts:
        return variant.device_version
    return ENCRYPTING_DEVICE_VERSION if encrypted else CLEAR_DEVICE_VERSION


def _move_home(hotspot: HotspotSpec | None, number: int) -> HotspotSpec | None:
    if hotspot is None:
        return None
    return replace(hotspot, home_host=str(ipaddress.IPv4Address(hotspot.home_host) + number))


def spread(template: CameraSpec, ids: Sequence[int], *, over_addresses: bool) -> list[CameraSpec]:
    """A camera for each id: on following ports, or on following addresses at the same port."""
    first = ipaddress.IPv4Address(template.host)
    if over_addresses and not (first.is_loopback and (first + len(ids)).is_loopback):
        raise ValueError("--addresses needs a --host on loopback")
    if not over_addresses and template.port + len(ids) - 1 > MAX_PORT:
        raise ValueError(f"no {len(ids)} ports follow {template.port}")
    return [
        replace(
            template,
            device_id=device_id,
            picture_id=ids[0] if len(ids) > OWN_PICTURES_MAX else device_id,
            host=str(first + number) if over_addresses else template.host,
            port=template.port if over_addresses or not template.port else template.port + number,
            hotspot=_move_home(template.hotspot, number if over_addresses else 0),
        )
        for number, device_id in enumerate(ids)
    ]
