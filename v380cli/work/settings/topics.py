"""The subjects by the names that people call them, and what can be set of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from v380cli.errors import InvalidInput
from v380cli.text import advise_word, join_words
from v380cli.wire.settings.address import ADDRESS, AddressMode
from v380cli.wire.settings.alarm import ALARM, ARMING, Language, Switch
from v380cli.wire.settings.clock import CLOCK
from v380cli.wire.settings.light import LIGHT
from v380cli.wire.settings.record import RECORD, PictureSize, RecordSwitch, Sound, WhenFull
from v380cli.wire.settings.subject import Subject
from v380cli.wire.settings.users import USER
from v380cli.wire.versions import VERSIONS
from v380cli.work.settings.values import (
    Choice,
    Ipv4,
    Kind,
    Name,
    Number,
    Raw,
    Time,
)

I32_MAX = (1 << 31) - 1
RAW_NUMBER, BYTE = Number(-I32_MAX, I32_MAX), Number(0, 255)
UNKNOWN_NUMBERS = range(1 << 15)  # what a field of two bytes, with sign or without, can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A subject and what can be set of it.

    A value without `KEY=` is for the key `bare`. `unsaved` keys do not go into a dump.
    """

    subject: Subject[Any]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    bare: str = ""
    unsaved: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.subject.name

    @property
    def saved(self) -> list[str]:
        """What a dump has of it."""
        return [key for key in self.kinds if key not in self.unsaved]


SWITCH = Choice(Switch)
# The address comes last: what is changed after it would have to find the camera first.
TOPICS = {
    topic.name: topic
    for topic in (
        Topic(
            subject=RECORD,
            kinds={
                "always": Choice(RecordSwitch),
                "on_alarm": Choice(RecordSwitch),
                "full": Choice(WhenFull),
                "size": Choice(PictureSize),
                "sound": Choice(Sound),
            },
        ),
        Topic(
            subject=CLOCK,
            kinds={
                "time": Time(),
                "format": RAW_NUMBER,
                "zone": RAW_NUMBER,
                "zone_on": BYTE,
                "zone_offset": RAW_NUMBER,
            },
            bare="time",
            unsaved=("time",),
        ),
        Topic(
            subject=ALARM,
            kinds={
                "alarm": SWITCH,
                "motion": SWITCH,
                "pir": SWITCH,
                "smoke": SWITCH,
                "voice": SWITCH,
                "voice_on_alarm": SWITCH,
                "language": Choice(Language),
                "io_mode": Number(0, 13),
                "window_count": Number(0, 3),
                "windows": Raw(21),
                "grid": Raw(176),
            },
        ),
        Topic(subject=ARMING, kinds={"alarm": SWITCH}, bare="alarm", unsaved=("alarm",)),
        Topic(
            subject=LIGHT,
            kinds={
                "brightness": BYTE,
                "seconds": Number(0, 65535, "seconds"),
                "pir_sensitivity": BYTE,
                "photo_sensitivity": BYTE,
                "motion_sensitivity": BYTE,
            },
        ),
        Topic(subject=VERSIONS),
        Topic(subject=USER, kinds={"name": Name()}, bare="name", unsaved=("name",)),
        Topic(
            subject=ADDRESS,
            kinds={
                "mode": Choice(AddressMode),
                "ip": Ipv4(),
                "mask": Ipv4(),
                "gateway": Ipv4(),
                "dns": Ipv4(),
                "dns2": Ipv4(),
            },
            bare="mode",
        ),
    )
}
SHOWN = [topic for topic in TOPICS.values() if topic.subject is not ARMING]  # a part of alarm
SAVED = [topic for topic in TOPICS.values() if topic.saved]


def split_words(
    words: Sequence[str] | None, device: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """The cameras and the rest of the arguments: the first is the camera, unless -d names it."""
    rest = list(words or [])
    return (list(device), rest) if device else (rest[:1], rest[1:])


def find_topic(name: str, known: Sequence[Topic] = tuple(TOPICS.values())) -> Topic:
    """The topic of that name; InvalidInput for one that there is not."""
    topic = next((topic for topic in known if topic.name == name), None)
    if topic is None:
        names = [topic.name for topic in known]
        raise InvalidInput(
            f"{name!r} is not a setting; it is {join_words(names)}", hint=advise_word(name, names)
        )
    return topic


def parse_assignments(topic: Topic, words: Sequence[str]) -> dict[str, Any]:
    """`KEY=VALUE` words, and a bare one where the topic has a key for it, to values by key."""
    if not topic.kinds:
        raise InvalidInput(f"{topic.name} can be read only")
    values: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            key, text = topic.bare, word
        key = key.replace("-", "_")
        if key not in topic.kinds:
            raise InvalidInput(
                f"{word!r} is not understood", hint=f"what can be set: {list_keys(topic)}"
            )
        if key in values:
            raise InvalidInput(f"{key} is given twice")
        values[key] = parse_value(topic, key, text)
    if not values:
        raise InvalidInput(
            f"say what of {topic.name} to set", hint=f"what can be set: {list_keys(topic)}"
        )
    if topic.subject is ADDRESS and values.get("mode") == AddressMode.DHCP and len(values) > 1:
        raise InvalidInput("by DHCP the router chooses the address: say static, or no address")
    return values


def parse_value(topic: Topic, key: str, text: str) -> Any:
    """The value of a key; InvalidInput with what is allowed."""
    kind = topic.kinds[key]
    try:
        return kind.parse(text)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{topic.name} {key} is {kind.allowed}; not {text!r}") from None


def parse_saved(topic: Topic, key: str, value: object) -> Any:
    """A value of a file: as on the command line, and numbers that have no word yet."""
    if key not in topic.saved:
        raise InvalidInput(f"{topic.name} has no {key!r} to set; it has {join_words(topic.saved)}")
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and isinstance(topic.kinds[key], Choice) and value in UNKNOWN_NUMBERS:
        return value
    return parse_value(topic, key, str(value) if is_number or isinstance(value, str) else "?")


def list_keys(topic: Topic) -> str:
    """`key=` with what it takes, one after the other."""
    return "; ".join(f"{key}= {kind.allowed}" for key, kind in topic.kinds.items())
