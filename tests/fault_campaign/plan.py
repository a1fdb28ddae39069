"""What one run does to a recorder: drawn by lot, the same for the same seed and number."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.fault_campaign.damage import CUTS, FLIPS
from tests.fault_campaign.footage import GOP_FRAMES, SOUND_CODINGS
from v380cli.media.sink import Codec
from v380cli.sinks.formats import ContainerFormat
from v380cli.wire.commands import FrameType

MAX_LINKS = 3
SILENCE_S = 1.0  # that a recorder gives up
# Pictures from one strike to the next, give or take some of a group: the fragments of two that are
# struck side by side can make a third, which nothing can notice.
SPACING = 8
STREAM_REFUSALS = (2001, -1, -11)
LOGIN_REFUSALS = (-1, 1011, 1012, 1013, 1018, 2001)


class Ending(StrEnum):
    """What becomes of a link in the middle of a frame."""

    HANG_UP = "hang-up"
    RESET = "reset"
    SILENCE = "silence"
    PICTURES_STOP = "pictures-stop"  # while sound goes on
    PICTURES_ARE_JUNK = "pictures-are-junk"
    DRIP = "drip"
    LAST = "last"  # all has been sent


LOSSES = tuple(ending for ending in Ending if ending is not Ending.LAST)
STAMPS = ("clock-jump", "wild-stamp")
FORMATS = ("codec-change", "size-change")
STRIKES = (*FLIPS, *CUTS, *STAMPS)
# Formats change no more often than this: in turns, soon after each other, they are two lenses.
FORMAT_SPACING = 2 * SPACING


@dataclass(frozen=True)
class Refusal:
    """A no before a link: at its log-in or at its stream, so many times."""

    at_login: bool
    result: int
    times: int

    def __str__(self) -> str:
        return f"{'log-in' if self.at_login else 'stream'} {self.result:+} x{self.times}"


@dataclass(frozen=True)
class LinkPlan:
    """One link: how many pictures, what strikes which of them, how it ends."""

    pictures: int
    strikes: dict[int, str]
    ending: Ending
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Plan:
    """One run; `name` makes the chance of everything that is random in it."""

    name: str
    codec: Codec
    encrypts: bool
    sound: FrameType | None
    container: ContainerFormat
    max_payload: int
    numbers_apart: bool  # pictures and sound have ids of their own
    links: tuple[LinkPlan, ...]

    def describe(self) -> str:
        """One line for a person who looks for the cause of something."""
        sound = self.sound.name if self.sound else "no sound"
        media = f"{self.codec} {'encrypted' if self.encrypts else 'clear'}, {sound}"
        links = "; ".join(map(_describe_link, self.links))
        return f"{media}, {self.container}, fragments of {self.max_payload}: {links}"


def _describe_link(link: LinkPlan) -> str:
    refusal = f"{link.refusal}, " if link.refusal else ""
    strikes = " ".join(f"{name}@{number}" for number, name in link.strikes.items())
    return f"{refusal}{link.pictures} pictures {strikes} {link.ending}"


def draw_plan(seed: int, number: int) -> Plan:
    """The plan of one run."""
    name = f"{seed}/{number}"
    chance = Random(name)
    sounds = [None, *map(FrameType, SOUND_CODINGS)]
    losses = [chance.choice(LOSSES) for _ in range(chance.randint(1, MAX_LINKS) - 1)]
    return Plan(
        name=name,
        codec=chance.choice((Codec.H264, Codec.HEVC)),
        encrypts=chance.random() < 0.6,
        sound=chance.choice(sounds),
        container=chance.choice(tuple(ContainerFormat)),
        max_payload=chance.choice((500, 500, 1400, 20000)),
        numbers_apart=chance.random() < 0.3,
        links=tuple(
            _draw_link(ending, index, chance) for index, ending in enumerate([*losses, Ending.LAST])
        ),
    )


def _draw_link(ending: Ending, index: int, chance: Random) -> LinkPlan:
    pictures = GOP_FRAMES * chance.randint(6, 16)
    places = range(0, pictures - GOP_FRAMES, SPACING)
    strikes = {
        place + chance.randrange(GOP_FRAMES): chance.choice(
            STRIKES if place % FORMAT_SPACING else (*STRIKES, *FORMATS)
        )
        for place in places
        if chance.random() < 0.7
    }
    return LinkPlan(pictures, strikes, ending, _draw_refusal(chance) if index else None)


def _draw_refusal(chance: Random) -> Refusal | None:
    if chance.random() < 0.5:
        return None
    at_login = chance.random() < 0.6
    results = LOGIN_REFUSALS if at_login else STREAM_REFUSALS
    return Refusal(at_login, chance.choice(results), chance.choice((1, 1, 2, 8)))
