"""How a simulated camera answers settings commands (PROTOCOL.md, sections 1a and 5b)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from v380cli.models import Secret
from v380cli.simulator.faults import FaultLedger, Stage
from v380cli.simulator.radio import Radio
from v380cli.wire.commands import REPLY_OFFSET, Command, Result
from v380cli.wire.layout import Message
from v380cli.wire.provisioning import WAIT_OFFSET, WifiSettings
from v380cli.wire.settings import (
    EX_GET_REPLY_BYTES,
    EX_SET_REPLY_BYTES,
    LEGACY_BYTES,
    LegacySettingRequest,
    SettingReply,
    SettingRequest,
)
from v380cli.wire.wifi_messages import (
    NO,
    YES,
    LegacyNetworkStateReply,
    LegacyPlainRequest,
    LegacySetNetworksRequest,
    LegacySetUserRequest,
    LegacySetWifiRequest,
    NetworkStateReply,
    ScanFrame,
    SetUserRequest,
    SetWifiRequest,
    WifiMode,
)

Request = Any  # what the handler's own decoder made
Reply = Message | bytes


class Generation(StrEnum):
    """Which settings commands a camera knows: those of its time and all before."""

    EX = "ex"
    LEGACY = "legacy"
    OLDEST = "oldest"


NEWER = {
    Generation.EX: set[int](),
    Generation.LEGACY: {310, 311, 318, 320},
    Generation.OLDEST: {310, 311, 318, 320, 120},
}


class Keeper(Protocol):
    """The part of a camera that knows tickets, users and the password."""

    def check_ticket(self, device_id: int, ticket: int) -> Result: ...

    def check_user(self, device_id: int, username: str, password: str) -> Result: ...

    def read_cipher(self, random_key: bytes, cipher: bytes) -> str: ...

    def set_password(self, password: Secret) -> None: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """A command with one reply, or none: the size of its request, and request to reply."""

    size: int
    answer: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class _Row:
    request: type[Message]
    reply_bytes: int
    act: Callable[[Request], Reply]


class SettingsDesk:
    """Checks who asks, obeys, and frames the reply."""

    def __init__(self, keeper: Keeper, radio: Radio, ledger: FaultLedger) -> None:
        self._keeper = keeper
        self._radio = radio
        self._ledger = ledger

    def list_settings(self, generation: Generation) -> dict[int, Setting]:
        """The commands that a camera of this generation knows."""
        return {
            command: Setting(row.request.SIZE, partial(self._serve, row))
            for command, row in self._list_rows()
            if command not in NEWER[generation]
        }

    def _list_rows(self) -> Iterator[tuple[int, _Row]]:
        get, set_, legacy = EX_GET_REPLY_BYTES, EX_SET_REPLY_BYTES, LEGACY_BYTES
        scan, state = self._list_networks, self._tell_state
        yield Command.SCAN_NETWORKS, _Row(SettingRequest, get, scan)
        yield Command.GET_NETWORK, _Row(SettingRequest, get, state)
        yield Command.SET_USER, _Row(SetUserRequest, set_, self._set_user)
        yield Command.SET_WIFI, _Row(SetWifiRequest, set_, self._set_wifi)
        yield Command.LEGACY_SCAN_NETWORKS, _Row(LegacyPlainRequest, legacy, scan)
        yield Command.LEGACY_GET_NETWORK, _Row(LegacyPlainRequest, legacy, state)
        yield Command.LEGACY_SET_USER, _Row(LegacySetUserRequest, legacy, self._set_legacy_user)
        yield Command.LEGACY_SET_WIFI, _Row(LegacySetWifiRequest, legacy, self._set_wifi)
        yield Command.LEGACY_SET_NETWORKS, _Row(LegacySetNetworksRequest, legacy, self._set_wifi)

    def _serve(self, row: _Row, data: bytes) -> bytes:
        request: Request = row.request.decode(data)
        fault = next(iter(self._ledger.list_open(Stage.SETTINGS)), None)
        if fault and self._ledger.strike(fault):
            match fault.name:
                case "setting-silence":
                    return b""
                case "setting-unsupported":
                    return _frame(SettingReply(command=Command.UNSUPPORTED, result=0), row)
                case "setting-refused":
                    return _refuse(request, fault.value, row)
                case "setting-expired":
                    return _refuse(request, Result.TICKET_EXPIRED, row)
        verdict = self._admit(request)
        if verdict != Result.OK:
            return _refuse(request, verdict, row)
        return _frame(row.act(request), row)

    def _admit(self, request: Request) -> Result:
        if isinstance(request, LegacySettingRequest):
            device_id = request.device_id  # type: ignore[attr-defined]  # each has it elsewhere
            return self._keeper.check_user(device_id, request.username, request.password)
        return self._keeper.check_ticket(request.device_id, request.ticket)

    def _tell_state(self, request: Request) -> Reply:
        mode = WifiMode.HOTSPOT if self._radio.is_hotspot else WifiMode.STATION
        is_legacy = isinstance(request, LegacySettingRequest)
        kind = LegacyNetworkStateReply if is_legacy else NetworkStateReply
        return kind(
            mode=mode,
            hotspot_ssid=f"MV{request.device_id}",
            has_station=YES if self._radio.ssid else NO,
            ssid=self._radio.ssid,
        )

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
        self._radio.tell(WifiSettings(ssid=request.ssid, psk=Secret(request.psk)))
        return _agree(request)

    def _set_user(self, request: SetUserRequest) -> Reply:
        password = self._keeper.read_cipher(request.random_key, request.cipher)
        self._keeper.set_password(Secret(password))
        return _agree(request)

    def _set_legacy_user(self, request: LegacySetUserRequest) -> Reply:
        self._keeper.set_password(Secret(request.new_password))
        return _agree(request)


def _agree(request: Request) -> SettingReply:
    return SettingReply(command=request.command + REPLY_OFFSET)


def _refuse(request: Request, reason: int, row: _Row) -> bytes:
    reply = SettingReply(
        command=request.command + REPLY_OFFSET, result=Result.FAILED, reason=reason
    )
    return _frame(reply, row)


def _frame(reply: Reply, row: _Row) -> bytes:
    data = reply if isinstance(reply, bytes) else reply.encode()
    return data.ljust(row.reply_bytes, b"\0")
