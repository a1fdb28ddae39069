"""What is asked of an ONVIF camera over HTTP, and what it answers.

From the ONVIF Core, Media and PTZ Service Specifications and WS-Security UsernameToken 1.0. Real
V380 cameras give service addresses without a host, answer GetServices and much of PTZ with status
400, have clocks that are off by hours, and check no password (tests/golden/cameras).
"""

import base64
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree

from v380cli.errors import RemoteProtocolError
from v380cli.models import MAX_DEVICE_ID, Secret
from v380cli.text import clean_text
from v380cli.wire.onvif import parse_xml
from v380cli.wire.onvif_xml import (
    MAX_TEXT_CHARS,
    MAX_URL_CHARS,
    find_element,
    name_of,
    parse_path,
    read_number,
    read_text,
)

# GetProfiles of two profiles has 8 KiB.
MAX_ANSWER_BYTES = 256 * 1024
MAX_PROFILES = 16
MAX_PRESETS = 256

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
)
_DIGEST = (
    "http://docs.oasis-open.org/wss/2004/01/"
    "oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
)
_SERIAL = re.compile(r"[0-9a-f]{8,32}")
_DENIED = ("notauthorized", "not authorized", "failedauthentication")


class Service(StrEnum):
    """A service, by its namespace."""

    DEVICE = "http://www.onvif.org/ver10/device/wsdl"
    MEDIA = "http://www.onvif.org/ver10/media/wsdl"
    PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
    IMAGING = "http://www.onvif.org/ver20/imaging/wsdl"
    EVENTS = "http://www.onvif.org/ver10/events/wsdl"

    @property
    def usual_path(self) -> str:
        """Where V380 cameras have it, or would have it by the names of the others."""
        return f"/onvif/{'device_service' if self is Service.DEVICE else self.element}"

    @property
    def element(self) -> str:
        """What it is called where a camera tells its services."""
        return {
            Service.DEVICE: "Device",
            Service.MEDIA: "Media",
            Service.PTZ: "PTZ",
            Service.IMAGING: "Imaging",
            Service.EVENTS: "Events",
        }[self]


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What a camera says of itself; all text is cleaned. `device_id` is 0 where it is not told."""

    manufacturer: str
    model: str
    firmware: str
    serial: str
    device_id: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream; sizes in pixels, 0 where they are not told. `source` is the sensor's token."""

    token: str
    name: str = ""
    width: int = 0
    height: int = 0
    has_ptz: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A stored position."""

    token: str
    name: str


def encode_call(service: Service, body: str, header: str = "") -> bytes:
    """A SOAP envelope; `body` is XML of the service's namespace, which is the default one."""
    header = f"<s:Header>{header}</s:Header>" if header else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}">{header}'
        f'<s:Body xmlns="{service}" xmlns:tt="http://www.onvif.org/ver10/schema">{body}</s:Body>'
        "</s:Envelope>"
    ).encode()


def encode_security(username: str, password: Secret, nonce: bytes, now: dt.datetime) -> str:
    """A UsernameToken whose digest holds at `now`, the camera's clock."""
    extension, utility = _SECURITY
    created = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    known = nonce + created.encode() + password.reveal().encode()
    digest = base64.b64encode(hashlib.sha1(known, usedforsecurity=False).digest()).decode()
    return (
        f'<Security s:mustUnderstand="1" xmlns="{extension}"><UsernameToken>'
        f"<Username>{escape(username)}</Username>"
        f'<Password Type="{_DIGEST}">{digest}</Password>'
        f"<Nonce>{base64.b64encode(nonce).decode()}</Nonce>"
        f'<Created xmlns="{utility}">{created}</Created></UsernameToken></Security>'
    )


def encode_move(token: str, pan: float, tilt: float, zoom: float = 0.0) -> str:
    """The body of ContinuousMove: speeds of -1 to 1, right and up are positive."""
    axes = f'<tt:PanTilt x="{pan:g}" y="{tilt:g}"/>' if pan or tilt else ""
    axes += f'<tt:Zoom x="{zoom:g}"/>' if zoom else ""
    return _with_profile("ContinuousMove", token, f"<Velocity>{axes}</Velocity>")


def encode_stop(token: str) -> str:
    """The body of Stop, of all axes."""
    return _with_profile("Stop", token, "<PanTilt>true</PanTilt><Zoom>true</Zoom>")


def encode_get_presets(token: str) -> str:
    return _with_profile("GetPresets", token)


def encode_set_preset(token: str, name: str, preset: str = "") -> str:
    """The body of SetPreset: a new one, or that of the token `preset` anew."""
    known = f"<PresetToken>{escape(preset)}</PresetToken>" if preset else ""
    return _with_profile("SetPreset", token, f"<PresetName>{escape(name)}</PresetName>{known}")


def encode_remove_preset(token: str, preset: str) -> str:
    return _with_profile("RemovePreset", token, f"<PresetToken>{escape(preset)}</PresetToken>")


def encode_go_to_preset(token: str, preset: str) -> str:
    """The body of GotoPreset."""
    return _with_profile("GotoPreset", token, f"<PresetToken>{escape(preset)}</PresetToken>")


def encode_get_stream_uri(token: str) -> str:
    """The body of GetStreamUri, for RTSP."""
    return (
        "<GetStreamUri><StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport>"
        "<tt:Protocol>RTSP</tt:Protocol></tt:Transport></StreamSetup>"
        f"<ProfileToken>{escape(token)}</ProfileToken></GetStreamUri>"
    )


def encode_get_capabilities() -> str:
    return "<GetCapabilities><Category>All</Category></GetCapabilities>"


def decode_answer(data: bytes) -> ElementTree.Element:
    """The body of an answer; RemoteProtocolError for what is not SOAP."""
    body = parse_xml(data, MAX_ANSWER_BYTES).find(f"{{{_SOAP}}}Body")
    if body is None:
        raise RemoteProtocolError("the camera's ONVIF answer is not SOAP")
    return body


def is_denial(data: bytes) -> bool:
    """Whether a fault says that the user or the password is not right."""
    text = data[:MAX_ANSWER_BYTES].decode("utf-8", "replace").lower()
    return "fault" in text and any(word in text for word in _DENIED)


def decode_time(body: ElementTree.Element) -> dt.datetime | None:
    """The camera's clock in UTC, None if it does not tell it."""
    clock = find_element(body, "UTCDateTime")
    if clock is None:
        return None
    names = ("Year", "Month", "Day", "Hour", "Minute", "Second")
    try:
        return dt.datetime(*(int(read_text(clock, name)) for name in names), tzinfo=dt.UTC)  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError):
        return None


def decode_information(body: ElementTree.Element) -> DeviceInformation:
    """The last four bytes of the serial number are the device id, big end first."""
    serial = read_text(body, "SerialNumber")
    return DeviceInformation(
        manufacturer=read_text(body, "Manufacturer"),
        model=read_text(body, "Model"),
        firmware=read_text(body, "FirmwareVersion"),
        serial=serial,
        device_id=_parse_device_id(serial),
    )


def decode_services(body: ElementTree.Element) -> dict[Service, str]:
    """The paths of the services, with their queries; what the camera says of hosts is let be."""
    paths = {}
    for service in Service:
        element = find_element(body, service.element)
        if element is not None and (path := parse_path(read_text(element, "XAddr", MAX_URL_CHARS))):
            paths[service] = path
    return paths


def decode_profiles(body: ElementTree.Element) -> list[Profile]:
    """The profiles that have a token, in the camera's order."""
    profiles = []
    for element in [e for e in body.iter() if name_of(e) == "Profiles"][:MAX_PROFILES]:
        video = find_element(element, "VideoEncoderConfiguration")
        if token := clean_text(element.get("token", ""))[:MAX_TEXT_CHARS]:
            profiles.append(
                Profile(
                    token=token,
                    name=read_text(element, "Name"),
                    width=read_number(video, "Width"),
                    height=read_number(video, "Height"),
                    has_ptz=find_element(element, "PTZConfiguration") is not None,
                    source=read_text(
                        find_element(element, "VideoSourceConfiguration"), "SourceToken"
                    ),
                )
            )
    return profiles


def decode_stream_uri(body: ElementTree.Element) -> tuple[int, str]:
    """The port, 0 where none is told, and the path of an RTSP address; its host is let be."""
    uri = read_text(body, "Uri", MAX_URL_CHARS)
    try:
        parts = urlsplit(uri)
        port = parts.port or 0
    except ValueError:
        parts, port = urlsplit(""), 0
    path = parse_path(uri)
    if parts.scheme.lower() != "rtsp" or not path:
        raise RemoteProtocolError("the camera's ONVIF answer has no RTSP address")
    return port, path


def decode_preset_token(body: ElementTree.Element) -> str:
    """The token of the position that SetPreset has stored; empty if it is not told."""
    return read_text(body, "PresetToken")


def decode_presets(body: ElementTree.Element) -> list[Preset]:
    """The positions that have a token, in the camera's order."""
    elements = [e for e in body.iter() if name_of(e) == "Preset"][:MAX_PRESETS]
    tokens = [clean_text(element.get("token", ""))[:MAX_TEXT_CHARS] for element in elements]
    pairs = zip(tokens, elements, strict=True)
    return [Preset(token, read_text(element, "Name")) for token, element in pairs if token]


def _with_profile(call: str, token: str, rest: str = "") -> str:
    return f"<{call}><ProfileToken>{escape(token)}</ProfileToken>{rest}</{call}>"


def _parse_device_id(serial: str) -> int:
    """Some have a MAC or a word there, which is not an id."""
    text = serial.lower()
    if not _SERIAL.fullmatch(text) or text[:-8].strip("0"):
        return 0
    device_id = int(text[-8:], 16)
    return device_id if 0 < device_id <= MAX_DEVICE_ID else 0
