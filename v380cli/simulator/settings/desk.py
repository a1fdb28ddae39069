"""How a simulated camera answers settings commands (PROTOCOL.md, sections 1a and 5b)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from v380cli.simulator.faults import Fault, FaultLedger, Stage
from v380cli.simulator.keeper import Keeper
from v380cli.simulator.settings.network import NetworkDesk
from v380cli.simulator.settings.presets import PresetDesk
from v380cli.simulator.settings.rows import (
    NotDone,
    Reply,
    Request,
    Row,
    agree,
    show_secret,
)
from v380cli.simulator.settings.state import SettingsState
from v380cli.wire.commands import REPLY_OFFSET, Command, Result, SettingCommand
from v380cli.wire.layout import list_places
from v380cli.wire.settings.address import ADDRESS
from v380cli.wire.settings.alarm import ALARM, ARMING
from v380cli.wire.settings.clock import CLOCK
from v380cli.wire.settings.exchange import (
    EX_GET_REPLY_BYTES,
    EX_SET_REPLY_BYTES,
    LEGACY_BYTES,
    LegacyPlainRequest,
    LegacySettingRequest,
    SettingReply,
    SettingRequest,
)
from v380cli.wire.settings.light import LIGHT
from v380cli.wire.settings.record import RECORD
from v380cli.wire.settings.subject import Framing, Subject, share
from v380cli.wire.settings.users import USER
from v380cli.wire.versions import VERSIONS, UpdateReply

SUBJECTS: tuple[Subject[Any], ...] = (
    RECORD,
    CLOCK,
    ALARM,
    ARMING,
    LIGHT,
    ADDRESS,
    USER,
    VERSIONS,
)
EX_FROM = 300  # lower numbers are legacy
NO_ANSWER = b""


class Generation(StrEnum):
    """Which settings commands a camera knows: those of its time and all before."""

    EX = "ex"
    LEGACY = "legacy"
    OLDEST = "oldest"

    def knows(self, command: int) -> bool:
        if self is Generation.EX:
            return True
        is_newest = command >= EX_FROM
        return not is_newest and not (
            self is Generation.OLDEST and command == Command.LEGACY_SET_WIFI
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """A command with one reply, or none: the size of its request, and request to reply."""

    size: int
    answer: Callable[[bytes], bytes]


class SettingsDesk:
    """Checks who asks, obeys, and frames the reply."""

    def __init__(
        self,
        keeper: Keeper,
        network: NetworkDesk,
        presets: PresetDesk,
        state: SettingsState,
        ledger: FaultLedger,
    ) -> None:
        self._keeper = keeper
        self._network = network
        self._presets = presets
        self._state = state
        self._ledger = ledger

    def list_settings(self, generation: Generation) -> dict[int, Setting]:
        """The commands that a camera of this generation knows."""
        return {
            command: Setting(row.request.SIZE, partial(self._serve, command, row))
            for command, row in self._list_rows()
            if generation.knows(command)
        }

    def _list_rows(self) -> Iterator[tuple[int, Row]]:
        yield from self._network.list_rows()
        yield from self._presets.list_rows()
        for subject in SUBJECTS:
            number = subject.framings[0].get
            for framing in subject.framings:
                yield from self._list_rows_of(framing, number)
        get, set_, legacy = EX_GET_REPLY_BYTES, EX_SET_REPLY_BYTES, LEGACY_BYTES
        wipe = self._format_card
        yield SettingCommand.FORMAT_CARD, Row(SettingRequest, set_, wipe, True)
        yield SettingCommand.LEGACY_FORMAT_CARD, Row(LegacyPlainRequest, legacy, wipe, True)
        yield SettingCommand.LOOK_FOR_UPDATE, Row(SettingRequest, get, self._look_for_update)

    def _list_rows_of(self, framing: Framing, number: int) -> Iterator[tuple[int, Row]]:
        """How a subject, which the state has under `number`, is read and set."""
        size = framing.reply.SIZE
        ask = LegacyPlainRequest if framing.is_legacy else SettingRequest
        yield framing.get, Row(ask, size, lambda _: self._tell(framing, number))
        if framing.set and framing.request:
            set_size = size if framing.is_legacy else EX_SET_REPLY_BYTES
            obey = partial(self._obey, number)
            yield framing.set, Row(framing.request, set_size, obey, True)

    def _tell(self, framing: Framing, number: int) -> Reply:
        reply = framing.reply(**share(self._state.read(number), framing.reply))
        if number != SettingCommand.GET_USER:
            return reply
        place = dict(list_places(framing.reply))["name"]
        return show_secret(reply, place.end, self._state.password.reveal().encode(errors="replace"))

    def _obey(self, number: int, request: Request) -> Reply:
        value = type(self._state.read(number))
        self._state.change(number, share(request, value))
        return agree(request)

    def _format_card(self, request: Request) -> Reply:
        self._state.format_card()
        return agree(request)

    def _look_for_update(self, _request: Request) -> Reply:
        """It has no network to ask on, which is true."""
        return UpdateReply(result=Result.NO_NETWORK)

    def _serve(self, command: int, row: Row, data: bytes) -> bytes:
        request: Request = row.request.decode(data)
        fault = self._take_fault(command, row)
        match fault and fault.name:
            case "setting-silence":
                return NO_ANSWER
            case "setting-unsupported" | "setting-missing":
                return _frame(SettingReply(command=Command.UNSUPPORTED, result=0), row)
            case "setting-refused" if fault:
                return _refuse(request, fault.value, row)
            case "setting-forbidden":
                return _refuse(request, Result.NO_PRIVILEGE, row)
            case "setting-expired":
                return _refuse(request, Result.TICKET_EXPIRED, row)
        verdict = self._admit(request)
        if verdict != Result.OK:
            return _refuse(request, verdict, row)
        if fault and fault.name == "setting-kept":
            return _frame(agree(request), row)
        try:
            reply = _frame(row.act(request), row)
        except NotDone as error:
            return _refuse(request, error.reason, row)
        return NO_ANSWER if fault and fault.name == "setting-mute" else reply

    def _take_fault(self, command: int, row: Row) -> Fault | None:
        """The first fault in store that strikes this command."""
        for fault in self._ledger.list_open(Stage.SETTINGS):
            if _strikes(fault, command, row) and self._ledger.strike(fault):
                return fault
        return None

    def _admit(self, request: Request) -> Result:
        if isinstance(request, LegacySettingRequest):
            device_id = request.device_id  # type: ignore[attr-defined]  # each has it elsewhere
            return self._keeper.check_user(device_id, request.username, request.password)
        return self._keeper.check_ticket(request.device_id, request.ticket)


def _strikes(fault: Fault, command: int, row: Row) -> bool:
    match fault.name:
        case "setting-missing" | "setting-forbidden":
            return fault.value == command
        case "setting-kept" | "setting-mute":
            return row.is_change
    return True


def _refuse(request: Request, reason: int, row: Row) -> bytes:
    reply = SettingReply(
        command=request.command + REPLY_OFFSET, result=Result.FAILED, reason=reason
    )
    return _frame(reply, row)


def _frame(reply: Reply, row: Row) -> bytes:
    data = reply if isinstance(reply, bytes) else reply.encode()
    return data.ljust(row.reply_bytes, b"\0")
