"""From the words of `v380 simulate --card` to a card; ValueError with a sentence for others."""

import datetime as dt
import re
from dataclasses import replace

from v380cli.simulator.card import IN_PROGRESS_S, CardSpec, CardState, plan_days

MAX_DAYS = 366


def parse_card(text: str, now: dt.datetime, template: CardSpec) -> CardSpec:
    """Words with commas between: `3d,recording,batch=200`, `none`, `broken`; empty has no days.

    `now` is the camera's wall clock; `template` says how the footage is coded.
    """
    card = template
    for word in filter(None, (part.strip().lower() for part in text.split(","))):
        card = _apply(card, word, now)
    return card


def _apply(card: CardSpec, word: str, now: dt.datetime) -> CardSpec:
    if days := re.fullmatch(r"(\d{1,3})d?", word):
        return replace(card, entries=plan_days(now, min(int(days[1]), MAX_DAYS)))
    match word:
        case "none":
            return replace(card, state=CardState.MISSING)
        case "broken":
            return replace(card, state=CardState.BROKEN)
        case "empty":
            return replace(card, entries=())
        case "recording":
            since = (now - dt.timedelta(seconds=IN_PROGRESS_S)).replace(microsecond=0)
            return replace(card, in_progress_since=since)
        case "slow":
            return replace(card, is_real_time=True)
        case "clear":
            return replace(card, clears_video=True)
        case "batch=100" | "batch=200":
            return replace(card, batch=int(word.removeprefix("batch=")))
        case "note=0":
            return replace(card, echoes_notes=False)
    raise ValueError(
        f"a card has no {word!r}; write 3d, none, broken, empty, recording, slow, clear, "
        "batch=200, note=0"
    )
