"""Give a camera its Wi-Fi: read, scan, set, and its device password (PROTOCOL.md, 1a and 5b).

A command has one or more forms, by number, the newest first; the next one is for cameras that do
not know the former.
"""

import re
from dataclasses import dataclass
from typing import Literal

from v380cli.errors import InvalidInput, RemoteProtocolError
from v380cli.models import MAX_DEVICE_ID, Secret
from v380cli.wire.commands import REPLY_OFFSET, Command
from v380cli.wire.machine import NEED_DATA, NeedData, RequestMachine
from v380cli.wire.refusals import NUMBER_BYTES, check_supported
from v380cli.wire.settings.exchange import (
    EX_GET_REPLY_BYTES,
    LEGACY_BYTES,
    Form,
    LegacySettingRequest,
    SettingExchange,
    SettingLogin,
    SettingReply,
    SettingRequest,
    refuse_setting,
)
from v380cli.wire.settings.subject import make_legacy_request, make_request_head
from v380cli.wire.settings.wifi import (
    ENCODING,
    PSK_MAX_BYTES,
    LegacyNetworkStateReply,
    LegacySetNetworksRequest,
    LegacySetWifiRequest,
    NetworkStateReply,
    ScanFrame,
    SetWifiRequest,
)

SSID_MAX_BYTES = 32  # IEEE 802.11
PSK_MIN_CHARS, PSK_MAX_CHARS = 8, 63  # of a WPA passphrase
# What a shell would take for its own: some firmware hands both fields to one (section 1).
DANGEROUS = "'\"`$;|&\\"

# Section 1a: the id is in the first kind only, and the others were seen by third parties.
HOTSPOT_SSID = re.compile(r"(?:MV|TD|MVSPT_)([0-9]{8,10})")
OTHER_HOTSPOTS = ("MVSPT_", "V380_")

WAIT_OFFSET = 200  # 510 and 310: the scan goes on
SCAN_TIMEOUT_S = 10.0  # then the vendor's app gives up
SCAN_MAX_NETWORKS = 20  # a larger count is a result code
BAND_5_GHZ_FROM_MHZ = 4900

NetworkState = NetworkStateReply | LegacyNetworkStateReply


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiSettings:
    """The network that a camera is to join; an empty PSK is an open one."""

    ssid: str
    psk: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNetwork:
    """A Wi-Fi network in the air; a larger `signal` is a stronger one, whatever its unit."""

    ssid: str
    bssid: str = ""
    frequency_mhz: int = 0
    signal: int = 0
    security: str = ""

    @property
    def is_5_ghz(self) -> bool:
        return self.frequency_mhz >= BAND_5_GHZ_FROM_MHZ


def is_hotspot(ssid: str) -> bool:
    """Whether a camera's own network is called so."""
    return bool(HOTSPOT_SSID.fullmatch(ssid)) or ssid.startswith(OTHER_HOTSPOTS)


def parse_hotspot(ssid: str) -> int:
    """The device id in the name of a camera's hotspot; 0 when there is none."""
    match = HOTSPOT_SSID.fullmatch(ssid)
    device_id = int(match[1]) if match else 0
    return device_id if device_id <= MAX_DEVICE_ID else 0


def check_wifi(wifi: WifiSettings, *, psk_max_bytes: int = PSK_MAX_BYTES) -> None:
    """Raise InvalidInput, with a sentence that shows no PSK, for what no camera can be told."""
    ssid_bytes = _encode_gbk(wifi.ssid, "the SSID")
    psk = wifi.psk.reveal()
    psk_bytes = _encode_gbk(psk, "the PSK")
    if not 0 < len(ssid_bytes) <= SSID_MAX_BYTES:
        raise InvalidInput(f"an SSID has 1 to {SSID_MAX_BYTES} bytes, this one {len(ssid_bytes)}")
    if psk and not PSK_MIN_CHARS <= len(psk) <= PSK_MAX_CHARS:
        raise InvalidInput(f"a PSK has {PSK_MIN_CHARS} to {PSK_MAX_CHARS} characters, or none")
    if len(psk_bytes) > psk_max_bytes:
        raise InvalidInput(
            f"the camera's message has {psk_max_bytes} bytes for the PSK: use another"
        )
    if "\0" in wifi.ssid + psk:
        raise InvalidInput("a NUL ends the text in the camera's message")


def find_danger(wifi: WifiSettings) -> str:
    """Why these should not be sent, in one sentence; empty when there is no reason."""
    fields = {"SSID": wifi.ssid, "PSK": wifi.psk.reveal()}
    risky = [name for name, value in fields.items() if any(map(_is_dangerous, value))]
    if not risky:
        return ""
    return (
        f"the {' and the '.join(risky)} has a control character or one of {' '.join(DANGEROUS)}: "
        "some firmware hands both to a shell, which would run a part of it"
    )


def _is_dangerous(character: str) -> bool:
    return character in DANGEROUS or not character.isprintable()


def _encode_gbk(value: str, what: str) -> bytes:
    try:
        return value.encode(ENCODING)
    except UnicodeEncodeError:
        # without the cause, which carries the value
        raise InvalidInput(
            f"{what} has characters that GBK does not have, as cameras use"
        ) from None


def format_wifi_uri(wifi: WifiSettings) -> str:
    """The text that phones read from a QR code (section 1c): `WIFI:T:WPA;S:...;P:...;;`."""
    ssid = _escape(wifi.ssid)
    if not wifi.psk:
        return f"WIFI:T:nopass;S:{ssid};;"
    return f"WIFI:T:WPA;S:{ssid};P:{_escape(wifi.psk.reveal())};;"


def format_template(template: str, wifi: WifiSettings, config_id: int) -> str:
    """`template` with `{ssid}`, `{psk}` and `{config_id}` filled in; other braces stay."""
    values = {"ssid": wifi.ssid, "psk": wifi.psk.reveal(), "config_id": str(config_id)}
    return re.sub(r"\{(ssid|psk|config_id)\}", lambda match: values[match[1]], template)


def _escape(value: str) -> str:
    return re.sub(r'([\\;,:"])', r"\\\1", value)


def list_state_forms() -> dict[int, Form[NetworkState]]:
    """What the radio does."""
    return {
        Command.GET_NETWORK: lambda login: SettingExchange(
            make_request_head(Command.GET_NETWORK, login), NetworkStateReply
        ),
        Command.LEGACY_GET_NETWORK: lambda login: SettingExchange(
            make_legacy_request(Command.LEGACY_GET_NETWORK, login), LegacyNetworkStateReply
        ),
    }


def list_scan_forms() -> dict[int, Form[list[SeenNetwork]]]:
    """Which networks the camera sees."""
    return {
        Command.SCAN_NETWORKS: lambda login: ScanExchange(
            make_request_head(Command.SCAN_NETWORKS, login), EX_GET_REPLY_BYTES
        ),
        Command.LEGACY_SCAN_NETWORKS: lambda login: ScanExchange(
            make_legacy_request(Command.LEGACY_SCAN_NETWORKS, login), LEGACY_BYTES
        ),
    }


def list_wifi_forms(wifi: WifiSettings) -> dict[int, Form[SettingReply]]:
    """Join this network."""
    ssid, psk = wifi.ssid, wifi.psk

    def spell(login: SettingLogin) -> SettingExchange[SettingReply]:
        request = SetWifiRequest(
            device_id=login.device_id, ticket=login.ticket, ssid=ssid, psk=psk.reveal()
        )
        return SettingExchange(request, SettingReply)

    def spell_legacy(
        kind: type[LegacySetWifiRequest | LegacySetNetworksRequest],
    ) -> Form[SettingReply]:
        return lambda login: SettingExchange(
            kind(
                username=login.username,
                password=login.password.reveal(),
                device_id=login.device_id,
                ssid=ssid,
                psk=psk.reveal(),
            ),
            SettingReply,
        )

    return {
        Command.SET_WIFI: spell,
        Command.LEGACY_SET_WIFI: spell_legacy(LegacySetWifiRequest),
        Command.LEGACY_SET_NETWORKS: spell_legacy(LegacySetNetworksRequest),
    }


class ScanExchange(RequestMachine):
    """310 or 110: a frame for each network, until the last or until the time is over."""

    timeout_s = SCAN_TIMEOUT_S

    def __init__(self, request: SettingRequest | LegacySettingRequest, frame_bytes: int) -> None:
        super().__init__(request.encode())
        self._command = request.command
        self._frame_bytes = frame_bytes
        self._networks: dict[int, SeenNetwork] = {}
        self._is_answered = False
        self._is_complete = False

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        """Take in bytes; raises a Refused, UnsupportedFirmware or RemoteProtocolError."""
        super().receive_data(data)
        self._is_answered = True
        while not self._is_complete and len(self._received) >= NUMBER_BYTES:
            check_supported(self._received, f"the camera does not know the scan {self._command}")
            number = int.from_bytes(self._received[:NUMBER_BYTES], "little", signed=True)
            if len(self._received) < self._frame_bytes:
                return
            if number != self._command + WAIT_OFFSET:
                self._take_frame(ScanFrame.decode(self._received))
            del self._received[: self._frame_bytes]

    def next_event(self) -> list[SeenNetwork] | Literal[NeedData.NEED_DATA]:
        """The networks, strongest first; fewer than promised when the camera did not end."""
        if not (self._is_complete or (self._is_ended and self._is_answered)):
            return NEED_DATA
        return sorted(self._networks.values(), key=lambda seen: -seen.signal)

    def _take_frame(self, frame: ScanFrame) -> None:
        if frame.command != self._command + REPLY_OFFSET:
            raise RemoteProtocolError(f"the camera answered the scan with message {frame.command}")
        if not 0 <= frame.count <= SCAN_MAX_NETWORKS:
            raise refuse_setting(frame.count, frame.index)
        if frame.count and not 0 <= frame.index < frame.count:
            raise RemoteProtocolError(f"network {frame.index} of {frame.count} in a scan")
        if frame.count:
            self._networks[frame.index] = SeenNetwork(
                ssid=frame.ssid,
                bssid=frame.bssid,
                frequency_mhz=frame.frequency,
                signal=frame.signal,
                security=(frame.security or "encrypted") if frame.is_encrypted else "",
            )
        self._is_complete = frame.index >= frame.count - 1
