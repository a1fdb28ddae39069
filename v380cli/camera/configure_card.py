"""Format the camera's card, and see that it is empty."""

import time

from v380cli.camera.configure import (
    READ_BACK_PAUSES_S,
    Change,
    ChangeNotMade,
    order,
    read,
)
from v380cli.camera.settings import NoAnswer, SettingsClient
from v380cli.errors import NetworkError
from v380cli.wire.card import NoCard
from v380cli.wire.record_settings import RECORD, CardCondition, RecordPlan, list_format_forms


def format_card(client: SettingsClient) -> Change[RecordPlan]:
    """Wipe the card; it is verified by a good card with no less room than before."""
    before = read(client, RECORD)
    if before.card == CardCondition.NONE:
        raise NoCard("the camera has no card")
    silence = order(client, list_format_forms())
    after = before
    for pause_s in READ_BACK_PAUSES_S:
        time.sleep(pause_s)
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
    """Whether there is more room; an empty card that was empty counts if the camera answered."""
    return after.card_free > before.card_free or (
        silence is None and after.card_free == before.card_free
    )
