"""What the settings of a simulated camera are at the moment (PROTOCOL.md, section 5b)."""

import datetime as dt
import ipaddress
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from v380cli.models import Secret
from v380cli.simulator.card import Card, CardState
from v380cli.simulator.radio import Radio
from v380cli.simulator.settings.rows import NotDone
from v380cli.wire.card.words import YEARS
from v380cli.wire.commands import Result, SettingCommand
from v380cli.wire.settings.address import Address, AddressMode
from v380cli.wire.settings.alarm import Alarm, Switch
from v380cli.wire.settings.clock import Clock, format_time
from v380cli.wire.settings.light import Light
from v380cli.wire.settings.record import CardCondition, PictureSize, RecordPlan, RecordSwitch
from v380cli.wire.settings.users import User
from v380cli.wire.versions import Versions

CARD_SIZE, CARD_USED_PER_RECORDING = 30436, 7
CONDITIONS = {
    CardState.OK: CardCondition.GOOD,
    CardState.MISSING: CardCondition.NONE,
    CardState.BROKEN: CardCondition.WRITE_ERROR,
}
RECORDING = RecordPlan(
    always=RecordSwitch.OFF,
    on_alarm=RecordSwitch.ON,
    size=PictureSize.P720,
    can_format=1,
    size_flags=bytes([0, 1, 0, 1, 0, 0, 0]),
)
ALARM = Alarm(
    has_voice=Switch.ON,
    voice=Switch.ON,
    alarm=Switch.ON,
    motion=Switch.ON,
    pir=0,  # it has no such sensors
    smoke=0,
    can_schedule=1,
    window_count=1,
    windows=bytes([1, 0, 0, 0, 23, 59, 59]),
    rows=8,
    columns=12,
    grid=b"\1" * 96,
)
LIGHT = Light(brightness=80, seconds=30, photo_sensitivity=2, motion_sensitivity=2)
VERSIONS = Versions(
    app="simulated_1.4.2",
    app_date="2026-05-04",
    kernel="simulated_3.4.35",
    kernel_date="2025-11-20",
    hardware="SIM_HW_7",
    hardware_date="2025-01-15",
)
DNS = "127.0.0.1"


class Owner(Protocol):
    """The part of a camera that its settings show."""

    @property
    def user(self) -> str: ...

    @property
    def password(self) -> Secret: ...

    @property
    def netmask(self) -> str: ...


class SettingsState:
    """The values by the number of the EX command that reads them; the clock runs.

    A static address moves the camera; by DHCP it gets the address where it is.
    """

    def __init__(
        self,
        owner: Owner,
        radio: Radio,
        card: Card,
        *,
        now: Callable[[], dt.datetime] = dt.datetime.now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._owner = owner
        self._radio = radio
        self._card = card
        self._monotonic = monotonic
        self._set_time, self._set_at = now(), monotonic()
        self._values: dict[int, Any] = {
            SettingCommand.GET_RECORD: RECORDING,
            SettingCommand.GET_CLOCK: Clock(),
            SettingCommand.GET_ALARM: ALARM,
            SettingCommand.GET_LIGHT: LIGHT,
            SettingCommand.GET_ADDRESS: Address(),
            SettingCommand.GET_USER: User(user_id=1),
            SettingCommand.GET_VERSIONS: VERSIONS,
        }

    @property
    def password(self) -> Secret:
        """The user's, of which the values say nothing."""
        return self._owner.password

    def read(self, number: int) -> Any:
        """The value that this command reads, as it is now."""
        value = self._values[number]
        match value:
            case Clock():
                return replace(value, text=format_time(self._tell_time()))
            case RecordPlan():
                return replace(value, **self._tell_card())
            case Address(mode=AddressMode.STATIC):
                return value
            case Address():
                mask = self._owner.netmask
                return replace(value, ip=self._radio.host, mask=mask, gateway="", dns=DNS, dns2="")
            case User():
                return replace(value, name=self._owner.user)
        return value

    def change(self, number: int, changes: dict[str, Any]) -> None:
        """Take new values; NotDone for what the camera cannot be."""
        value = replace(self._values[number], **changes)
        match value:
            case Clock(time=told) if told is None or told.year not in YEARS:
                raise NotDone(Result.BAD_TIME)
            case Clock(time=dt.datetime() as told):
                self._set_time, self._set_at = told, self._monotonic()
            case Address(mode=AddressMode.STATIC, ip=ip) if is_ours(ip):
                self._radio.settle(ip)
        self._values[number] = value

    def format_card(self) -> None:
        """Forget every recording; NotDone without a good card."""
        if self._card.spec.state is not CardState.OK:
            raise NotDone
        self._card.spec = replace(self._card.spec, entries=(), in_progress_since=None)

    def _tell_time(self) -> dt.datetime:
        return self._set_time + dt.timedelta(seconds=self._monotonic() - self._set_at)

    def _tell_card(self) -> dict[str, Any]:
        state = self._card.spec.state
        used = CARD_USED_PER_RECORDING * len(self._card.list_entries())
        is_good = state is CardState.OK
        return {
            "card": CONDITIONS[state],
            "card_size": CARD_SIZE if is_good else 0,
            "card_free": max(0, CARD_SIZE - used) if is_good else 0,
        }


def is_ours(ip: str) -> bool:
    """Whether the simulator may listen there: any address of loopback."""
    try:
        return ipaddress.IPv4Address(ip).is_loopback
    except ValueError:
        return False
