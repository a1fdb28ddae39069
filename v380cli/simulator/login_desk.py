"""The desk that lets in: it answers log-ins, gives tickets and knows them again."""

import secrets
import time
from typing import Protocol

from v380cli.errors import LocalProtocolError
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.control_desk import ControlDesk
from v380cli.simulator.faults import FaultLedger, Stage
from v380cli.wire.commands import Command, Result
from v380cli.wire.crypto import PasswordForm, decrypt_password, encrypt_password
from v380cli.wire.login import LegacyLoginReply, LegacyLoginRequest, LoginReply, LoginRequest

LEGACY_TICKET = 0  # 168 hands out none, so a legacy client has this one
MAX_TICKET = (1 << 31) - 1  # an i32
MAX_TICKETS = 256  # each log-in makes one; the oldest goes
DEVICE_TYPE, VENDOR = 1, 1  # of a camera whose answer was recorded (section 2b)

LOGIN_FAULTS = {
    "wrong-user": Result.NO_SUCH_USER,
    "wrong-password": Result.WRONG_PASSWORD,
    "not-verified": Result.VERIFY_FAILED,
    "wrong-id": Result.WRONG_DEVICE_ID,
}
# value of 168: hundreds are channels, the rest a reason or the permissions 2 + 8 + 16 + 32
LEGACY_VALUES = {
    Result.OK: 158,
    Result.NO_SUCH_USER: 100,
    Result.WRONG_PASSWORD: 101,
    Result.VERIFY_FAILED: -1,
    Result.WRONG_DEVICE_ID: -2,
}


class LoginKeeper(Protocol):
    """The part of a camera that this desk asks."""

    spec: CameraSpec
    controls: ControlDesk


class LoginDesk:
    """Judges by the spec of its keeper; `password` is the one that counts by now."""

    def __init__(self, keeper: LoginKeeper, ledger: FaultLedger) -> None:
        self.password = keeper.spec.password
        self._keeper = keeper
        self._ledger = ledger
        self.tickets: dict[int, float] = {}  # ticket: when it was given

    def answer_login(self, request: LoginRequest) -> LoginReply:
        """Answer 1167 with 1168, which tells the device version in a refusal, too."""
        fault = self._ledger.take(Stage.LOGIN)
        if fault == "unsupported" or not self._speaks(request.version):
            return LoginReply(command=Command.UNSUPPORTED, result=0)
        verdict = LOGIN_FAULTS.get(fault) or self._judge(request.device_id, request.user)
        if verdict is Result.OK and not self._knows_cipher(request):
            verdict = Result.WRONG_PASSWORD
        if verdict is not Result.OK:
            return LoginReply(result=verdict, device_version=self._keeper.spec.device_version)
        spec = self._keeper.spec
        return LoginReply(
            result=Result.OK,
            device_version=spec.device_version,
            ticket=self._issue_ticket(1 + secrets.randbelow(MAX_TICKET)),
            session=secrets.randbelow(1 << 16),
            device_type=DEVICE_TYPE,
            vendor=VENDOR,
            has_domain=1,
            domain=f"{spec.device_id}.nvdvr.net",
            device_id=spec.device_id,
            abilities=self._keeper.controls.tell_abilities().encode(),
            unknown_0x6e=b"\x10\1\1",
        )

    def answer_legacy_login(self, request: LegacyLoginRequest) -> LegacyLoginReply:
        """Answer 167 with 168."""
        fault = self._ledger.take(Stage.LOGIN)
        if fault == "unsupported" or not self._keeper.spec.accepts.legacy:
            return LegacyLoginReply(command=Command.UNSUPPORTED)
        verdict = LOGIN_FAULTS.get(fault) or self._judge(request.device_id, request.user)
        if verdict is Result.OK and request.password != self.password.reveal():
            verdict = Result.WRONG_PASSWORD
        if verdict is Result.OK:
            self._issue_ticket(LEGACY_TICKET)
        abilities = self._keeper.controls.tell_abilities()
        return LegacyLoginReply(
            value=LEGACY_VALUES[verdict],
            has_audio=abilities.audio,
            has_talk=abilities.talk,
            has_ptz=abilities.ptz,
            has_flip=abilities.flip,
            has_presets=abilities.presets,
            preset_count=abilities.preset_count,
        )

    def _speaks(self, version: int) -> bool:
        """Version 0, as in a request of zeros, is judged by all that know 1167 (section 11)."""
        versions = self._keeper.spec.accepts.versions
        return version in versions or bool(versions and not version)

    def _judge(self, device_id: int, user: str) -> Result:
        """Who comes, but for the password."""
        if device_id != self._keeper.spec.device_id:
            return Result.WRONG_DEVICE_ID
        return Result.OK if user in self._keeper.spec.list_users() else Result.NO_SUCH_USER

    def _knows_cipher(self, request: LoginRequest) -> bool:
        forms = self._keeper.spec.accepts.passwords
        return any(request.cipher == self._spell(request, form) for form in forms)

    def _spell(self, request: LoginRequest, form: PasswordForm) -> bytes:
        """The cipher that the request should have; empty when the password is too long for it."""
        try:
            cipher = encrypt_password(self.password.reveal(), request.random_key, form)
        except LocalProtocolError:
            return b""
        return cipher.ljust(len(request.cipher), b"\0")

    def _issue_ticket(self, ticket: int) -> int:
        self.tickets.pop(ticket, None)  # so that the oldest stays the first
        if len(self.tickets) >= MAX_TICKETS:
            del self.tickets[next(iter(self.tickets))]
        self.tickets[ticket] = time.monotonic()
        return ticket

    def check_ticket(self, device_id: int, ticket: int) -> Result:
        """Whether somebody with this ticket may ask."""
        issued = self.tickets.get(ticket)
        if device_id != self._keeper.spec.device_id:
            return Result.WRONG_DEVICE_ID
        # both numbers mean "log in again"; which of them says what differs (section 8)
        if issued is None:
            return Result.TICKET_EXPIRED
        if time.monotonic() - issued >= self._keeper.spec.ticket_lifetime_s:
            return Result.TICKET_INVALID
        return Result.OK

    def check_user(self, device_id: int, username: str, password: str) -> Result:
        """Whether somebody with this password may ask."""
        verdict = self._judge(device_id, username)
        if verdict is Result.OK and password != self.password.reveal():
            return Result.WRONG_PASSWORD
        return verdict

    def read_cipher(self, random_key: bytes, cipher: bytes) -> str:
        """A password in the first form that this camera takes."""
        form = sorted(self._keeper.spec.accepts.passwords)[0]
        return decrypt_password(cipher, random_key, form)
