"""What an inspection found as a JSON document; what is shown to a person is made from it, too.

A part that is not known is null, and `missing` has its name, the reason and a sentence. A number
that nobody knows stays one. Versions, record plan and clock are as in `v380 settings get --json`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from enum import IntEnum
from typing import Any, TypeVar

from v380cli.camera.inspection import Inspection, Missing, Part
from v380cli.camera.stream_sample import StreamSample
from v380cli.camera.wall_clock import CameraZone
from v380cli.errors import MediaError, describe_error
from v380cli.models import Device
from v380cli.wire.abilities import Abilities, ColorMode, Light, Tracking
from v380cli.wire.control import LightSensitivity
from v380cli.wire.login import LoginTicket
from v380cli.wire.onvif_services import DeviceInformation
from v380cli.wire.provisioning import NetworkState
from v380cli.wire.settings.clock import Clock
from v380cli.wire.settings.wifi import YES as STATION_SET
from v380cli.wire.settings.wifi import WifiMode
from v380cli.work.settings.documents import describe

MAKER_BYTES = 3  # of a MAC: who made the radio
DEVICE_TYPES: dict[int, str] = {0: "ordinary"}
# Cameras with an ordinary picture have these numbers, too; only a panorama has a radius.
PANORAMAS: dict[int, str] = {1: "panorama-180", 2: "panorama-360"}
MOUNTS: dict[int, str] = {0: "normal", 1: "wall", 2: "ceiling"}
WIFI_MODES: dict[int, str] = {WifiMode.HOTSPOT: "hotspot", WifiMode.STATION: "station"}

HALF_SECOND = dt.timedelta(seconds=0.5)

Document = dict[str, Any]
T = TypeVar("T")


def describe_inspection(inspection: Inspection, zone: CameraZone) -> Document:
    """The object of `info --json` for one camera, whose clock is in `zone`."""
    ticket = inspection.ticket
    parts: dict[str, Document | Missing] = {
        "versions": _describe(inspection.versions, describe),
        "record": _describe(inspection.record, describe),
        "clock": _describe_clock(inspection.clock, zone),
        "network": _describe(inspection.network, _describe_network),
    }
    for quality, stream in inspection.streams.items():
        parts[f"{quality}_stream"] = (
            stream if isinstance(stream, Missing) else _describe_stream(stream)
        )
    missing = {name: part for name, part in parts.items() if isinstance(part, Missing)}
    document = {
        "device": inspection.device.label,
        "via": inspection.via,
        "identity": _describe_identity(inspection.device, ticket),
        "onvif": inspection.onvif and _describe_onvif(inspection.onvif),
        "login": ticket and _describe_login(ticket),
        "abilities": ticket and ticket.abilities and _describe_abilities(ticket.abilities),
        **{name: None if name in missing else part for name, part in parts.items()},
        "missing": {name: asdict(part) for name, part in missing.items()},
    }
    if inspection.error:
        document["error"] = describe_error(inspection.error)
    return document


def _describe(part: Part[T], spell: Callable[[T], Document]) -> Document | Missing:
    """An answer, with the settings command that brought it."""
    if isinstance(part, Missing):
        return part
    return {"command": part.command, **spell(part.value)}


def _describe_onvif(information: DeviceInformation) -> Document:
    return {
        "manufacturer": information.manufacturer,
        "model": information.model,
        "firmware": information.firmware,
        "serial": information.serial,
        "id": information.device_id or None,
    }


def _describe_identity(device: Device, ticket: LoginTicket | None) -> Document:
    return {
        "id": device.device_id,
        "name": device.name or None,
        "address": device.address,
        "mac": device.mac or None,
        "mac_maker": device.mac[: 3 * MAKER_BYTES - 1] or None,
        "domain": (ticket and ticket.domain) or None,
    }


def _describe_login(ticket: LoginTicket) -> Document:
    types = DEVICE_TYPES | (PANORAMAS if ticket.panorama_radius else {})
    return {
        "variant": ticket.variant_name,
        "device_version": ticket.device_version,
        "device_type": types.get(ticket.device_type, ticket.device_type),
        "mount": MOUNTS.get(ticket.mount, ticket.mount),
        "channels": ticket.channels,
        "encrypts_media": ticket.encrypts_media,
    }


def _describe_abilities(abilities: Abilities) -> Document:
    """Null for what the camera did not say anything about."""
    words = {
        "audio": bool(abilities.audio),
        "talk": bool(abilities.talk),
        "ptz": bool(abilities.ptz),
        "flip": bool(abilities.flip),
        "presets": abilities.preset_count if abilities.presets else 0,
        "zoom": bool(abilities.zoom),
        "light": _name(Light, abilities.light),
        "light_sensitivity": _name(LightSensitivity, abilities.light_sensitivity),
        "color_mode": _name(ColorMode, abilities.color_mode),
        "tracking": _name(Tracking, abilities.tracking),
        "voice_control": bool(abilities.voice_control),
    }
    return {name: word if abilities.tells(name) else None for name, word in words.items()}


def _describe_clock(part: Part[Clock], zone: CameraZone) -> Document | Missing:
    """The drift is in seconds, positive for a fast clock; null for a text that is not a time."""
    if isinstance(part, Missing):
        return part
    time = _find_true_time(part.value, zone)
    # it shows whole seconds, so it is half of one later on average
    drift_s = (time + HALF_SECOND - part.time).total_seconds() if time else None
    return {
        "command": part.command,
        **describe(part.value),
        "drift_s": None if drift_s is None else round(drift_s, 1) + 0.0,  # 0.0 for -0.0
        "drift_tolerance_s": None if drift_s is None else round(0.5 + part.duration_s / 2, 1),
    }


def _find_true_time(clock: Clock, zone: CameraZone) -> dt.datetime | None:
    try:
        return zone.to_true(clock.time) if clock.time else None
    except (OverflowError, ValueError):  # so near to the year 1 or 10000 that a zone leads out
        return None


def _describe_network(state: NetworkState) -> Document:
    return {
        "mode": WIFI_MODES.get(state.mode, state.mode),
        "ssid": state.ssid if state.has_station == STATION_SET else None,
        "has_psk": state.psk_begin != 0,
        "hotspot": state.hotspot_ssid,
    }


def _describe_stream(sample: StreamSample) -> Document:
    """The size is that of the decoded keyframe, null where it cannot be decoded."""
    from v380cli.sinks.pictures import decode_keyframe

    try:
        picture = decode_keyframe(sample.codec, sample.keyframe)
        size: tuple[int | None, int | None] = (picture.width, picture.height)
    except MediaError:
        size = (None, None)
    return {
        "codec": sample.codec,
        "width": size[0],
        "height": size[1],
        "claimed_width": sample.claimed_width or None,
        "claimed_height": sample.claimed_height or None,
        "fps": sample.fps or None,
        "audio": sample.audio,
        "encryption": sample.encryption,
    }


def _name(kind: type[IntEnum], number: int) -> str | int:
    """`black-and-white` for BLACK_AND_WHITE; a number that nobody knows stays one."""
    known = {0: "none", **{member.value: _hyphenate(member.name) for member in kind}}
    return known.get(number, number)


def _hyphenate(name: str) -> str:
    return name.lower().replace("_", "-")
