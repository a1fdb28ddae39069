"""The Wi-Fi and the user of a simulated camera, as its settings (PROTOCOL.md, sections 1a, 5b)."""

from collections.abc import Iterator
from typing import Protocol

from v380cli.models import Secret
from v380cli.simulator.radio import Radio
from v380cli.simulator.settings.rows import Reply, Request, Row, agree, show_secret
from v380cli.wire.commands import REPLY_OFFSET, Command
from v380cli.wire.layout import list_places
from v380cli.wire.provisioning import WAIT_OFFSET, WifiSettings
from v380cli.wire.settings.exchange import (
    EX_GET_REPLY_BYTES,
    EX_SET_REPLY_BYTES,
    LEGACY_BYTES,
    LegacyPlainRequest,
    LegacySettingRequest,
    SettingReply,
    SettingRequest,
)
from v380cli.wire.settings.wifi import (
    ENCODING,
    NO,
    YES,
    LegacyNetworkStateReply,
    LegacySetNetworksRequest,
    LegacySetUserRequest,
    LegacySetWifiRequest,
    NetworkStateReply,
    ScanFrame,
    SetUserRequest,
    SetWifiRequest,
    WifiMode,
)


class UserKeeper(Protocol):
    """The part of a camera that knows its user."""

    def read_cipher(self, random_key: bytes, cipher: bytes) -> str: ...

    def set_user(self, name: str, password: Secret) -> None: ...


class NetworkDesk:
    """Answers 310, 311, 318, 320 and what was before them."""

    def __init__(self, keeper: UserKeeper, radio: Radio) -> None:
        self._keeper = keeper
        self._radio = radio

    def list_rows(self) -> Iterator[tuple[int, Row]]:
        """The commands by number."""
        get, set_, legacy = EX_GET_REPLY_BYTES, EX_SET_REPLY_BYTES, LEGACY_BYTES
        scan, state, wifi = self._list_networks, self._tell_state, self._set_wifi
        old_user = self._set_legacy_user
        yield Command.SCAN_NETWORKS, Row(SettingRequest, get, scan)
        yield Command.GET_NETWORK, Row(SettingRequest, get, state)
        yield Command.SET_USER, Row(SetUserRequest, set_, self._set_user, True)
        yield Command.SET_WIFI, Row(SetWifiRequest, set_, wifi, True)
        yield Command.LEGACY_SCAN_NETWORKS, Row(LegacyPlainRequest, legacy, scan)
        yield Command.LEGACY_GET_NETWORK, Row(LegacyPlainRequest, legacy, state)
        yield Command.LEGACY_SET_USER, Row(LegacySetUserRequest, legacy, old_user, True)
        yield Command.LEGACY_SET_WIFI, Row(LegacySetWifiRequest, legacy, wifi, True)
        yield Command.LEGACY_SET_NETWORKS, Row(LegacySetNetworksRequest, legacy, wifi, True)

    def _tell_state(self, request: Request) -> Reply:
        mode = WifiMode.HOTSPOT if self._radio.is_hotspot else WifiMode.STATION
        is_legacy = isinstance(request, LegacySettingRequest)
        kind = LegacyNetworkStateReply if is_legacy else NetworkStateReply
        reply = kind(
            mode=mode,
            hotspot_ssid=f"MV{request.device_id}",
            has_station=YES if self._radio.ssid else NO,
            ssid=self._radio.ssid,
        )
        psk = self._radio.psk.reveal().encode(ENCODING, "replace")
        return show_secret(reply, dict(list_places(kind))["psk_begin"].offset, psk)

    def _list_networks(self, request: Request) -> Reply:
        """A frame that says "wait", then one for each network."""
        size = LEGACY_BYTES if isinstance(request, LegacySettingRequest) else EX_GET_REPLY_BYTES
        networks = self._radio.list_networks()
        frames = [SettingReply(command=request.command + WAIT_OFFSET).encode().ljust(size, b"\0")]
        for index, network in enumerate(networks):
            frame = ScanFrame(
                command=request.command + REPLY_OFFSET,
                count=len(networks),
                index=index,
                bssid=network.bssid,
                frequency=network.frequency_mhz,
                signal=network.signal,
                is_encrypted=bool(network.security),
                ssid=network.ssid,
                security=network.security,
            )
            frames.append(frame.encode().ljust(size, b"\0"))
        return b"".join(frames)

    def _set_wifi(self, request: Request) -> Reply:
        """A name and a password for its own hotspot it takes, too, and forgets."""
        if _is_for_station(request):
            self._radio.tell(WifiSettings(ssid=request.ssid, psk=Secret(request.psk)))
        return agree(request)

    def _set_user(self, request: SetUserRequest) -> Reply:
        password = self._keeper.read_cipher(request.random_key, request.cipher)
        self._keeper.set_user(request.user, Secret(password))
        return agree(request)

    def _set_legacy_user(self, request: LegacySetUserRequest) -> Reply:
        self._keeper.set_user(request.user, Secret(request.new_password))
        return agree(request)


def _is_for_station(request: Request) -> bool:
    """Whether it is the network to join that is told."""
    if isinstance(request, LegacySetNetworksRequest):
        return request.has_station == YES
    return bool(request.mode == WifiMode.STATION)
