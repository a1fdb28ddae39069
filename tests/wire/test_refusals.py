"""One number means one thing, whatever message it stands in; where not, a row says so."""

import ast
from pathlib import Path

import pytest

from v380cli.commands._boundary import find_exit_code
from v380cli.errors import CameraBusy, CredentialsRefused, DeviceIdRefused, Refused
from v380cli.wire import refusals
from v380cli.wire.card.listing import check_search_reply
from v380cli.wire.card.playback import check_open_reply
from v380cli.wire.card.segments import SegmentOpenReply, SegmentSearchReply
from v380cli.wire.commands import CardCommand
from v380cli.wire.live import StreamLoginReply
from v380cli.wire.login import LoginReply
from v380cli.wire.login_verdict import Refusal, judge_reply
from v380cli.wire.refusals import BY_MESSAGE, EVERYWHERE, Asked, TicketExpired, find_refusal
from v380cli.wire.session import check_stream_reply
from v380cli.wire.settings.exchange import SettingReply, check_reply


def refuse(asked: Asked, number: int) -> Refused:
    """What the reader of a whole message makes of the number."""
    match asked:
        case Asked.LOGIN:
            verdict = judge_reply(LoginReply(result=number).encode(), "31-given-zero48")
            assert isinstance(verdict, Refusal)
            assert isinstance(verdict.error, Refused)
            return verdict.error
        case Asked.STREAM:
            check_stream_reply(StreamLoginReply(result=number))
        case Asked.SETTING:
            check_reply(SettingReply(command=413, result=2001, reason=number).encode(), 313)
        case Asked.CARD_LIST:
            check_search_reply(
                SegmentSearchReply(command=CardCommand.SEGMENT_SEARCH_REPLY, result=number)
            )
        case Asked.CARD_PLAY:
            check_open_reply(
                SegmentOpenReply(command=CardCommand.SEGMENT_OPEN_REPLY, result=number)
            )
    raise AssertionError(f"{number} is not a refusal to {asked}")


MESSAGES = (Asked.LOGIN, Asked.STREAM, Asked.SETTING, Asked.CARD_LIST, Asked.CARD_PLAY)


@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_refusal_is_the_same_error_in_every_message(number: int) -> None:
    for asked in MESSAGES:
        with pytest.raises(Refused) as caught:
            raise refuse(asked, number)
        if number not in BY_MESSAGE.get(asked, {}):
            assert type(caught.value) is EVERYWHERE[number].kind, asked
            assert "{" not in caught.value.message


@pytest.mark.parametrize(
    ("number", "kind", "exit_code"),
    [
        (1011, CredentialsRefused, 5),
        (1012, CredentialsRefused, 5),
        (1002, CredentialsRefused, 5),
        (1013, Refused, 7),
        (1018, DeviceIdRefused, 7),
    ],
)
def test_exit_codes_are_the_same_everywhere(
    number: int, kind: type[Refused], exit_code: int
) -> None:
    for asked in Asked:
        error = find_refusal(asked, number)
        assert type(error) is kind
        assert find_exit_code(error) == exit_code


def test_where_messages_differ() -> None:
    assert type(find_refusal(Asked.STREAM, 2001)) is CameraBusy
    assert find_refusal(Asked.SETTING, 2002) is find_refusal(Asked.LOGIN, -11) is None
    assert type(find_refusal(Asked.CARD_LOGIN, -1003)) is Refused
    assert type(find_refusal(Asked.CARD_PLAY, -1003)) is TicketExpired


def test_the_first_number_with_a_meaning_counts() -> None:
    assert type(find_refusal(Asked.SETTING, 1012, 2001)) is CredentialsRefused
    assert type(find_refusal(Asked.SETTING, 0, -11)) is TicketExpired
    assert find_refusal(Asked.SETTING, 0, 4711) is None


def test_no_other_module_of_the_wire_judges_credentials() -> None:
    """A second table would not stay equal to the first."""
    home = Path(refusals.__file__)
    for path in home.parent.glob("*.py"):
        names = {
            node.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Name)
        }
        assert path == home or "CredentialsRefused" not in names, path
