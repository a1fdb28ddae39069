"""Format the camera's card, and see that it is empty."""

from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.camera.settings.configure import (
    READ_BACK_PAUSES_S,
    Change,
    ChangeNotMade,
    order,
    read,
)
from v380cli.errors import NetworkError
from v380cli.wire.card.words import NoCard
from v380cli.wire.settings.record import RECORD, CardCondition, RecordPlan, list_format_forms

EMPTY_SHARE = 0.9  # a camera that records begins to fill the card again at once


def format_card(client: SettingsClient) -> Change[RecordPlan]:
    """Wipe the card; it is verified by a good card with more room than before, or empty."""
    before = read(client, RECORD)
    if before.card == CardCondition.NONE:
        raise NoCard("the camera has no card")
    silence = order(client, list_format_forms())
    after = before
    for pause_s in READ_BACK_PAUSES_S:
        client.access.pause(pause_s)
        try:
            after = read(client, RECORD)
        except NetworkError:
            continue
        if after.card == CardCondition.GOOD and _is_emptier(before, after, silence):
            return Change(before=before, after=after, verified=True)
    if silence:
        raise silence
    raise ChangeNotMade(
        "the camera agreed to format the card, and it looks as before",
        hint="a card that a camera cannot format can often be formatted in a computer, as FAT32",
    )


def _is_emptier(before: RecordPlan, after: RecordPlan, silence: NoAnswer | None) -> bool:
    """Whether there is more room; a card that was empty stays so, if the camera answered."""
    is_empty = after.card_free >= EMPTY_SHARE * after.card_size
    return after.card_free > before.card_free or (silence is None and is_empty)
