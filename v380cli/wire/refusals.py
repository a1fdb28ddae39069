"""Every number by which a camera says no, and what it means (PROTOCOL.md, section 8).

One table serves all messages: the same refusal is the same error wherever it comes from. Where a
message means something of its own by a number, its row says so, with the source.
"""

from dataclasses import dataclass
from enum import StrEnum

from v380cli.errors import (
    CameraBusy,
    CredentialsRefused,
    DeviceIdRefused,
    Refused,
    UnsupportedFirmware,
)
from v380cli.wire.card.segments import OpenResult, SearchResult
from v380cli.wire.card.words import CardFailed, NoCard
from v380cli.wire.commands import Command, Result

UNSUPPORTED = (Command.UNSUPPORTED, Command.UNSUPPORTED_SETTING)
NUMBER_BYTES = 4  # of a reply, with which it begins


class TicketExpired(Refused):
    """The camera wants a new log-in first; also what an encrypting one says to an old-style one."""

    code = "ticket_expired"


class Asked(StrEnum):
    """What a camera was asked for, in the words of a sentence."""

    LOGIN = "log in"
    STREAM = "see the stream"
    SETTING = "read or change settings"
    TALK = "talk"
    CARD_LOGIN = "use the card"
    CARD_LIST = "list the card"
    CARD_PLAY = "play recordings"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An error to be made; its sentence may name what was `{asked}` for."""

    kind: type[Refused]
    sentence: str
    hint: str = ""


NEW_LOGIN = Verdict(TicketExpired, "the camera wants a new log-in before it lets us {asked}")
NO_USER = Verdict(
    CredentialsRefused,
    "the camera knows no user of that name",
    hint="on most cameras the user is admin",
)
WRONG_PASSWORD = Verdict(
    CredentialsRefused,
    "the camera refused the password",
    hint="the device password is meant (on its sticker, or set in the app's device settings), "
    "not the one of the app account",
)
NOT_VERIFIED = Verdict(
    CredentialsRefused,
    f"the camera did not verify the log-in ({Result.VERIFY_FAILED:d}): "
    "the password may be wrong, or the camera cannot verify anybody now",
    hint=WRONG_PASSWORD.hint,
)
OTHER_DEVICE = Verdict(
    DeviceIdRefused,
    "the camera at this address has another device id",
    hint="v380 discover shows its id",
)
NO_RIGHT = Verdict(Refused, "the camera gives this user no right to {asked}")

EVERYWHERE: dict[int, Verdict] = {
    Result.TICKET_EXPIRED: NEW_LOGIN,
    Result.TICKET_INVALID: NEW_LOGIN,
    Result.VERIFY_FAILED: NOT_VERIFIED,
    Result.NO_SUCH_USER: NO_USER,
    Result.WRONG_PASSWORD: WRONG_PASSWORD,
    Result.NO_PRIVILEGE: NO_RIGHT,
    Result.BAD_TIME: Verdict(Refused, "the camera does not take a time of this form"),
    Result.BAD_HOTSPOT_PASSWORD: Verdict(Refused, "the camera does not take this hotspot password"),
    Result.BAD_STATION_PASSWORD: Verdict(Refused, "the camera does not take this Wi-Fi password"),
    Result.BAD_PASSWORD: Verdict(
        Refused, "the camera does not take a device password of this form"
    ),
    Result.WRONG_DEVICE_ID: OTHER_DEVICE,
    Result.NO_NEW_VERSION: Verdict(Refused, "the camera knows of no newer firmware"),
    Result.NO_NETWORK: Verdict(Refused, "the camera has no network"),
    Result.FAILED_DEVICE_ID: OTHER_DEVICE,
    OpenResult.WRONG_USER: NO_USER,
    OpenResult.WRONG_PASSWORD: WRONG_PASSWORD,
}
# None: nothing more is known than that it is a no.
BY_MESSAGE: dict[Asked, dict[int, Verdict | None]] = {
    # who logs in has no ticket yet
    Asked.LOGIN: {Result.TICKET_EXPIRED: None, Result.TICKET_INVALID: None},
    # the general no; after a log-in that went well, what is left is one viewer too many (I)
    Asked.STREAM: {
        Result.FAILED: Verdict(
            CameraBusy,
            f"the camera refused to open the stream ({Result.FAILED:d})",
            hint="it may serve as many viewers as it can: close the app and try again",
        )
    },
    # 2001 and 2002 both say "not done", and a reason tells more (section 1a: NV2, FW-CORE)
    Asked.SETTING: {Result.FAILED_DEVICE_ID: None},
    # -1003: no privilege in the app (NV2), which the legacy 254 follows
    Asked.CARD_LOGIN: {OpenResult.NO_PRIVILEGE: NO_RIGHT},
    # -1003: the ticket or the device id, in the camera (FW-CORE 0x36aa0)
    Asked.CARD_PLAY: {
        OpenResult.NO_PRIVILEGE: Verdict(
            TicketExpired, "the camera refuses its log-in or this user for recordings (-1003)"
        )
    },
    # 461 counts for itself (section 3b: NV2)
    Asked.CARD_LIST: {
        SearchResult.NO_CARD: Verdict(
            NoCard, "there is no card in the camera", hint="is it pushed in until it clicks?"
        ),
        SearchResult.CARD_ERROR: Verdict(
            CardFailed,
            "the camera cannot read its card",
            hint="`v380 settings format` formats it, which deletes everything on it",
        ),
        SearchResult.WRONG_DEVICE_ID: OTHER_DEVICE,
        SearchResult.WRONG_TICKET: NEW_LOGIN,
    },
}


def find_refusal(asked: Asked, *numbers: int) -> Refused | None:
    """What the first number with a meaning says; None where none of them has one."""
    verdicts = EVERYWHERE | BY_MESSAGE.get(asked, {})
    verdict = next((found for number in numbers if (found := verdicts.get(number))), None)
    if verdict is None:
        return None
    return verdict.kind(verdict.sentence.format(asked=asked), hint=verdict.hint)


def is_unsupported(reply: bytes | bytearray) -> bool:
    """Whether a reply says by its number that the camera does not know what it was asked.

    How much comes behind that number is not known; it may be nothing.
    """
    number = int.from_bytes(reply[:NUMBER_BYTES], "little", signed=True)
    return len(reply) >= NUMBER_BYTES and number in UNSUPPORTED


def check_supported(reply: bytes | bytearray, sentence: str) -> None:
    """Raise UnsupportedFirmware, with this sentence, for a reply that says so."""
    if is_unsupported(reply):
        raise UnsupportedFirmware(sentence)
