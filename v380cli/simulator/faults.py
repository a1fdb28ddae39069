"""Named faults: what can go wrong with a simulated camera, and when.

Written `name[:value][@moment][*times]`, for example `garbage:64@frame:120` or `hang-up@3s*1`. A
moment counts from the first media of each viewer; without one it is the first frame. A fault
strikes once on each connection, or `times` times in the camera's whole life.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto


class Stage(Enum):
    """Which exchange a fault strikes."""

    LOGIN = auto()
    STREAM_LOGIN = auto()
    SETTINGS = auto()
    LISTING = auto()
    PLAYBACK_START = auto()
    PLAYBACK = auto()
    MEDIA = auto()
    TALK_START = auto()
    TALK = auto()


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault does; `value` and `times` are what counts when the fault says nothing.

    Without `values` it takes none.
    """

    stage: Stage
    description: str
    value: int = 0
    values: range = range(0)
    times: int | None = None
    takes_moment: bool = True


TIMED_STAGES = (Stage.MEDIA, Stage.PLAYBACK, Stage.TALK)
BYTES = range(1, 1_000_001)
JUMP_MS = range(-(10**12), 10**12 + 1)  # 30 years, as a clock jumps that began in 1970
DRIP_MS = range(1, 60_001)
REASONS = range(1011, 1021)  # PROTOCOL.md, section 8
# These show other footage after the camera's own or beside it.
OTHER_SIZE_FAULTS = frozenset({"size-change", "second-lens", "second-lens-alike"})
SETTINGS = range(110, 400)  # numbers of settings commands, legacy and EX

_LOGIN, _STREAM_LOGIN, _MEDIA = Stage.LOGIN, Stage.STREAM_LOGIN, Stage.MEDIA
_SETTINGS, _LISTING, _PLAYBACK = Stage.SETTINGS, Stage.LISTING, Stage.PLAYBACK

FAULTS = {
    "wrong-user": FaultKind(_LOGIN, "log-in refused: no such user (1011)"),
    "wrong-password": FaultKind(_LOGIN, "log-in refused: wrong password (1012)"),
    "not-verified": FaultKind(_LOGIN, "log-in refused: not verified (1002)"),
    "wrong-id": FaultKind(_LOGIN, "log-in refused: another device id (1018)"),
    "unsupported": FaultKind(_LOGIN, "log-in answered with number -100: version not supported"),
    "busy": FaultKind(_STREAM_LOGIN, "stream refused (2001), as with too many viewers"),
    "ticket-expired": FaultKind(_STREAM_LOGIN, "stream refused (-11): log in again", times=1),
    "setting-unsupported": FaultKind(_SETTINGS, "settings command answered with number -100"),
    "setting-refused": FaultKind(
        _SETTINGS, "settings command refused for reason VALUE (1016)", 1016, REASONS
    ),
    "setting-expired": FaultKind(_SETTINGS, "settings command refused (-11): log in again"),
    "setting-silence": FaultKind(_SETTINGS, "settings command answered by hanging up"),
    "setting-missing": FaultKind(
        _SETTINGS, "settings command VALUE (347) answered with number -100", 347, SETTINGS
    ),
    "setting-forbidden": FaultKind(
        _SETTINGS, "settings command VALUE (314) refused (1013)", 314, SETTINGS
    ),
    "setting-kept": FaultKind(_SETTINGS, "a change of settings is agreed to and not made"),
    "setting-mute": FaultKind(_SETTINGS, "a change of settings is made and answered by hanging up"),
    "start-on-p-frame": FaultKind(
        _MEDIA, "the first frame, a keyframe, is left out", takes_moment=False
    ),
    "missing-frame": FaultKind(_MEDIA, "a frame is left out"),
    "missing-fragment": FaultKind(_MEDIA, "the middle fragment of a frame is left out"),
    "wrong-magic": FaultKind(_MEDIA, "the first fragment of a frame begins with 0x80, not 0x7F"),
    "half-header": FaultKind(_MEDIA, "half of a fragment header comes before a frame"),
    "garbage": FaultKind(_MEDIA, "VALUE random bytes (100) come before a frame", 100, BYTES),
    "garbage-inside": FaultKind(
        _MEDIA, "VALUE random bytes (100) come inside a frame's middle fragment", 100, BYTES
    ),
    "oversize-frame": FaultKind(_MEDIA, "a fragment claims to be the first of 65535 large ones"),
    "unknown-record": FaultKind(_MEDIA, "a record of unknown kind (0x33) comes before a frame"),
    "parameters": FaultKind(_MEDIA, "a parameters record (0x1F) comes before a frame"),
    "notice": FaultKind(_MEDIA, "from then on a message 2009 of 32 bytes before each frame"),
    "repeated-frame": FaultKind(_MEDIA, "a frame comes twice"),
    "keep-alive": FaultKind(_MEDIA, "from then on a keep-alive (0x6F) before each frame"),
    "ignored-fragment": FaultKind(
        _MEDIA, "from then on a 0x5B fragment, to ignore, before each frame"
    ),
    "clock-jump": FaultKind(
        _MEDIA, "the time stamps jump by VALUE ms (an hour)", 3_600_000, JUMP_MS
    ),
    "clock-stall": FaultKind(_MEDIA, "from then on the time stamps stand still"),
    "codec-change": FaultKind(_MEDIA, "at the next keyframe the other video codec begins"),
    "size-change": FaultKind(_MEDIA, "at the next keyframe the picture has another size"),
    "second-lens": FaultKind(_MEDIA, "from then on there is a second lens, with types 50 to 53"),
    "second-lens-alike": FaultKind(
        _MEDIA, "from then on there is a second lens, with the types of the first, turn by turn"
    ),
    "damaged-parameters": FaultKind(_MEDIA, "the parameter sets of the next keyframe are damaged"),
    "no-video": FaultKind(_MEDIA, "from then on there is no video"),
    "junk-video": FaultKind(_MEDIA, "from then on each picture is nothing but random bytes"),
    "no-audio": FaultKind(_MEDIA, "from then on there is no audio"),
    "silence": FaultKind(_MEDIA, "from then on nothing is sent, but the connection stays"),
    "slow-drip": FaultKind(_MEDIA, "from then on one byte each VALUE ms (10)", 10, DRIP_MS),
    "hang-up": FaultKind(_MEDIA, "the camera closes the connection in the middle of a frame"),
    "reset": FaultKind(_MEDIA, "the camera resets the connection"),
    "list-hang-up": FaultKind(_LISTING, "the camera hangs up in the middle of a list", times=1),
    "list-repeats": FaultKind(_LISTING, "a list of recordings has every row twice"),
    "list-backwards": FaultKind(_LISTING, "a list has a recording that ends before it begins"),
    "list-promises-none": FaultKind(_LISTING, "a list says that it has 0 recordings, and has them"),
    "play-expired": FaultKind(
        Stage.PLAYBACK_START, "opening a recording refused (-1003): log in again", times=1
    ),
    "play-empty": FaultKind(
        _PLAYBACK, "a recording ends before its first frame", takes_moment=False
    ),
    "play-alive": FaultKind(
        _PLAYBACK, "from then on an alive record (0x6F) uses up a number before each frame"
    ),
    "play-message": FaultKind(
        _PLAYBACK, "from then on a message (2009) stands among the records of each frame"
    ),
    "play-hang-up": FaultKind(_PLAYBACK, "the camera hangs up in the middle of a recorded frame"),
    "play-reset": FaultKind(_PLAYBACK, "the camera resets the connection of a playback"),
    "play-silence": FaultKind(_PLAYBACK, "from then on nothing more of the recording is sent"),
    "play-lost-packet": FaultKind(_PLAYBACK, "a packet of a recorded frame is left out"),
    "play-oversize": FaultKind(_PLAYBACK, "a recorded frame claims to have a gigabyte"),
    "play-no-end": FaultKind(_PLAYBACK, "the end of a recording is not told", takes_moment=False),
    "talk-refused": FaultKind(Stage.TALK_START, "talk refused (2001), as when somebody else talks"),
    "talk-expired": FaultKind(Stage.TALK_START, "talk refused (-11): log in again", times=1),
    "talk-hang-up": FaultKind(Stage.TALK, "the camera hangs up while somebody talks"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; it strikes at `at_s` seconds or video frame `at_frame` (from 0), else at once."""

    name: str
    value: int
    at_s: float = 0.0
    at_frame: int = 0
    times: int | None = None

    @property
    def stage(self) -> Stage:
        return FAULTS[self.name].stage

    def is_due(self, time_s: float, frame_number: int) -> bool:
        return time_s >= self.at_s and frame_number >= self.at_frame


_SPELLING = re.compile(
    r"(?P<name>[a-z-]+)(:(?P<value>[+-]?\d+))?"
    r"(@((?P<at_s>\d+(\.\d+)?)s|frame:(?P<at_frame>\d+)))?(\*(?P<times>\d+))?"
)


def parse_fault(text: str) -> Fault:
    """Parse `name[:value][@3s|@frame:120][*times]`; ValueError with one sentence otherwise."""
    match = _SPELLING.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not spelt name[:value][@3s|@frame:120][*times]")
    kind = FAULTS.get(match["name"])
    if not kind:
        raise ValueError(f"no fault is called {match['name']!r}")
    value = int(match["value"]) if match["value"] else kind.value
    if match["value"] and value not in kind.values:
        raise ValueError(f"the fault {match['name']} takes no value {value}")
    if "@" in text and not (kind.takes_moment and kind.stage in TIMED_STAGES):
        raise ValueError(f"the fault {match['name']} takes no moment")
    return Fault(
        name=match["name"],
        value=value,
        at_s=float(match["at_s"] or 0),
        at_frame=int(match["at_frame"] or 0),
        times=int(match["times"]) if match["times"] else kind.times,
    )


class FaultLedger:
    """Which faults a camera still has in store."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._struck: Counter[Fault] = Counter()

    def list_open(self, stage: Stage) -> list[Fault]:
        """The faults of a stage, in the order in which they were given."""
        return [fault for fault in self._faults if fault.stage is stage and self._is_open(fault)]

    def strike(self, fault: Fault) -> bool:
        """Count one more strike; False when the fault has used up its times."""
        if not self._is_open(fault):
            return False
        self._struck[fault] += 1
        return True

    def take(self, stage: Stage) -> str:
        """Strike with the first open fault of a stage that knows no moment; its name, or empty."""
        for fault in self.list_open(stage):
            if self.strike(fault):
                return fault.name
        return ""

    def _is_open(self, fault: Fault) -> bool:
        return fault.times is None or self._struck[fault] < fault.times
