"""Messages about Wi-Fi and the device password: 310, 311, 318, 320 and their legacy forms.

PROTOCOL.md, sections 1a and 5b. SSIDs and passwords are in GBK.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from v380cli.wire.commands import Command
from v380cli.wire.layout import I32, U8, Annotated, Message, blob, text
from v380cli.wire.settings import (
    EX_GET_REPLY_BYTES,
    GetReply,
    LegacyGetReply,
    LegacySettingRequest,
    SettingRequest,
)

ENCODING = "gbk"
PSK_MAX_BYTES = 32  # of the messages, although WPA allows 63 characters
SSID_FIELD, PSK_FIELD = text(64, ENCODING), text(PSK_MAX_BYTES, ENCODING)
YES, NO = 1001, 1000  # of 112, and of "station is set" in 411


class WifiMode(IntEnum):
    """What a camera does with its radio."""

    HOTSPOT = 1001
    STATION = 1002


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStateReply(GetReply):
    """411: what the camera has by way of Wi-Fi now.

    Passwords in it are not read, but for whether the station's is there (its first byte).
    """

    MIN_SIZE: ClassVar[int] = 13  # old firmware leaves out what it does not know

    command: Annotated[int, I32.at(0)] = 411
    mode: Annotated[int, I32.at(9)]
    hotspot_ssid: Annotated[str, SSID_FIELD.at(13)] = ""
    has_station: Annotated[int, I32.at(109)] = NO
    ssid: Annotated[str, SSID_FIELD.at(113)] = ""
    psk_begin: Annotated[int, U8.at(177)] = field(default=0, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyNetworkStateReply(LegacyGetReply):
    """211, the same."""

    MIN_SIZE: ClassVar[int] = 12

    command: Annotated[int, I32.at(0)] = 211
    mode: Annotated[int, I32.at(8)]
    hotspot_ssid: Annotated[str, SSID_FIELD.at(12)] = ""
    has_station: Annotated[int, I32.at(108)] = NO
    ssid: Annotated[str, SSID_FIELD.at(112)] = ""
    psk_begin: Annotated[int, U8.at(176)] = field(default=0, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyPlainRequest(LegacySettingRequest):
    """110 and 111, which have no argument but the device id."""

    device_id: Annotated[int, I32.at(68)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWifiRequest(SettingRequest):
    """320. The BSSID stays away: camera and SDK disagree about its place."""

    command: Annotated[int, I32.at(0)] = Command.SET_WIFI
    mode: Annotated[int, I32.at(13)] = WifiMode.STATION
    ssid: Annotated[str, SSID_FIELD.at(17)]
    psk: Annotated[str, PSK_FIELD.at(81)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetWifiRequest(LegacySettingRequest):
    """120."""

    command: Annotated[int, I32.at(0)] = Command.LEGACY_SET_WIFI
    mode: Annotated[int, I32.at(68)] = WifiMode.STATION
    ssid: Annotated[str, SSID_FIELD.at(72)]
    psk: Annotated[str, PSK_FIELD.at(136)] = field(repr=False)
    device_id: Annotated[int, I32.at(168)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetNetworksRequest(LegacySettingRequest):
    """112: hotspot off, station on."""

    command: Annotated[int, I32.at(0)] = Command.LEGACY_SET_NETWORKS
    has_hotspot: Annotated[int, I32.at(68)] = NO
    hotspot_ssid: Annotated[str, SSID_FIELD.at(72)] = ""
    hotspot_psk: Annotated[str, PSK_FIELD.at(136)] = field(default="", repr=False)
    has_station: Annotated[int, I32.at(168)] = YES
    ssid: Annotated[str, SSID_FIELD.at(172)]
    psk: Annotated[str, PSK_FIELD.at(236)] = field(repr=False)
    device_id: Annotated[int, I32.at(268)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUserRequest(SettingRequest):
    """318: a new device password; `cipher` is keyed by `random_key` as in a log-in."""

    command: Annotated[int, I32.at(0)] = Command.SET_USER
    user: Annotated[str, text(32).at(13)]
    random_key: Annotated[bytes, blob(16).at(45)] = field(repr=False)
    cipher: Annotated[bytes, blob(64).at(61)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetUserRequest(LegacySettingRequest):
    """118: the same in clear."""

    command: Annotated[int, I32.at(0)] = Command.LEGACY_SET_USER
    user_id: Annotated[int, I32.at(68)] = 0
    user: Annotated[str, text(32).at(72)]
    new_password: Annotated[str, text(32).at(104)] = field(repr=False)
    device_id: Annotated[int, I32.at(136)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFrame(Message):
    """One network that a camera sees; the same layout in both framings (256 and 412 bytes)."""

    SIZE: ClassVar[int] = EX_GET_REPLY_BYTES

    command: Annotated[int, I32.at(0)] = 410
    count: Annotated[int, I32.at(4)]
    index: Annotated[int, I32.at(8)]
    bssid: Annotated[str, text(20).at(12)] = ""
    frequency: Annotated[int, I32.at(32)] = 0
    signal: Annotated[int, I32.at(36)] = 0
    is_encrypted: Annotated[int, I32.at(40)] = 0
    ssid: Annotated[str, SSID_FIELD.at(44)]
    security: Annotated[str, text(128).at(108)] = ""
