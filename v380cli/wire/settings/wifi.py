"""Messages about Wi-Fi and the device password: 310, 311, 318, 320 and their legacy forms.

PROTOCOL.md, sections 1a and 5b. SSIDs and passwords are in GBK.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from v380cli.wire.commands import Command
from v380cli.wire.layout import I32, U8, Annotated, Message, blob, text
from v380cli.wire.settings.exchange import (
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


@dataclass(frozen=True, kw_only=True)
class RadioState:
    """What a camera has by way of Wi-Fi now.

    Passwords in it are not read, but for whether the station's is there (its first byte).
    """

    mode: Annotated[int, I32]
    hotspot_ssid: Annotated[str, SSID_FIELD] = ""
    has_station: Annotated[int, I32.after(PSK_MAX_BYTES)] = NO
    ssid: Annotated[str, SSID_FIELD] = ""
    psk_begin: Annotated[int, U8] = field(default=0, repr=False)


@dataclass(frozen=True, kw_only=True)
class NetworkStateReply(RadioState, GetReply):
    """411."""

    MIN_SIZE: ClassVar[int] = 13  # old firmware leaves out what it does not know

    command: Annotated[int, I32] = 411


@dataclass(frozen=True, kw_only=True)
class LegacyNetworkStateReply(RadioState, LegacyGetReply):
    """211, the same."""

    MIN_SIZE: ClassVar[int] = 12

    command: Annotated[int, I32] = 211


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWifiRequest(SettingRequest):
    """320. The BSSID stays away: camera and SDK disagree about its place."""

    command: Annotated[int, I32] = Command.SET_WIFI
    mode: Annotated[int, I32] = WifiMode.STATION
    ssid: Annotated[str, SSID_FIELD]
    psk: Annotated[str, PSK_FIELD] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetWifiRequest(LegacySettingRequest):
    """120."""

    command: Annotated[int, I32] = Command.LEGACY_SET_WIFI
    mode: Annotated[int, I32] = WifiMode.STATION
    ssid: Annotated[str, SSID_FIELD]
    psk: Annotated[str, PSK_FIELD] = field(repr=False)
    device_id: Annotated[int, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetNetworksRequest(LegacySettingRequest):
    """112: hotspot off, station on."""

    command: Annotated[int, I32] = Command.LEGACY_SET_NETWORKS
    has_hotspot: Annotated[int, I32] = NO
    hotspot_ssid: Annotated[str, SSID_FIELD] = ""
    hotspot_psk: Annotated[str, PSK_FIELD] = field(default="", repr=False)
    has_station: Annotated[int, I32] = YES
    ssid: Annotated[str, SSID_FIELD]
    psk: Annotated[str, PSK_FIELD] = field(repr=False)
    device_id: Annotated[int, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUserRequest(SettingRequest):
    """318: a new device password; `cipher` is keyed by `random_key` as in a log-in."""

    command: Annotated[int, I32] = Command.SET_USER
    user: Annotated[str, text(32)]
    random_key: Annotated[bytes, blob(16)] = field(repr=False)
    cipher: Annotated[bytes, blob(64)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySetUserRequest(LegacySettingRequest):
    """118: the same in clear."""

    command: Annotated[int, I32] = Command.LEGACY_SET_USER
    user_id: Annotated[int, I32] = 0
    user: Annotated[str, text(32)]
    new_password: Annotated[str, text(32)] = field(repr=False)
    device_id: Annotated[int, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFrame(Message):
    """One network that a camera sees; the same layout in both framings (256 and 412 bytes)."""

    SIZE: ClassVar[int] = EX_GET_REPLY_BYTES

    command: Annotated[int, I32] = 410
    count: Annotated[int, I32]
    index: Annotated[int, I32]
    bssid: Annotated[str, text(20)] = ""
    frequency: Annotated[int, I32] = 0
    signal: Annotated[int, I32] = 0
    is_encrypted: Annotated[int, I32] = 0
    ssid: Annotated[str, SSID_FIELD]
    security: Annotated[str, text(128)] = ""
