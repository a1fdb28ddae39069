"""Words that every room uses."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

DEFAULT_PORT = 8800
DEFAULT_USERNAME = "admin"
MAX_DEVICE_ID = 0x7FFF_FFFF  # an i32 in every message (PROTOCOL.md, section 2b)
MAX_LISTED = 1000  # a recorder of months ends with a list that can still be read, and held

T = TypeVar("T")


class Quality(StrEnum):
    """Which of the camera's two streams."""

    HD = "hd"
    SD = "sd"


class Via(StrEnum):
    """The road to a camera that its owner wants."""

    AUTO = "auto"  # what worked last, else the private protocol, else RTSP
    LAN = "lan"
    RTSP = "rtsp"


class PasswordSource(StrEnum):
    """Where a password came from, in the words of a sentence."""

    STANDARD_INPUT = "the password from standard input"
    LIST = "the password in the device list"
    ENVIRONMENT = "the password from V380_PASSWORD"
    PERSON = "the password that was typed in"
    NOBODY = "no password"


class Secret:
    """A password or PSK that does not show itself in a repr, a log or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself; call this only where the bytes are made."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret()"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A camera as its owner knows it: enough to reach it and to log in.

    `device_id` 0 and an empty `host` mean unknown. `login_variant` is the spelling that this
    camera accepted last (`LoginVariant.name`), or empty. A camera with `ptz_swapped` has
    left and right the other way. `via` is the road that its owner wants, `learnt_via` the one that
    worked last, if any; `rtsp_url` has the address of its stream there, without a password.
    """

    name: str = ""
    device_id: int = 0
    host: str = ""
    port: int = DEFAULT_PORT
    mac: str = ""
    username: str = DEFAULT_USERNAME
    password: Secret = field(default_factory=Secret)
    password_source: PasswordSource | None = field(default=None, compare=False)
    quality: Quality | None = None
    login_variant: str = ""
    ptz_swapped: bool = False
    via: Via = Via.AUTO
    learnt_via: Via | None = None
    rtsp_url: str = ""

    @property
    def label(self) -> str:
        """What to call it in a sentence: name, else id, else address, else MAC."""
        if self.name or self.device_id:
            return self.name or str(self.device_id)
        return self.address if self.host else self.mac

    @property
    def is_known(self) -> bool:
        """Whether there is anything to look for it by."""
        return bool(self.device_id or self.mac or self.host)

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon:
    """What a camera says of itself in a discovery answer; all text is cleaned."""

    device_id: int
    ip: str
    mac: str = ""
    netmask: str = ""
    gateway: str = ""
    port: int = DEFAULT_PORT
    version: str = ""
    config_id: int = 0
    kind: str = "NVDEVRESULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFile:
    """One finished file of a recording; durations in seconds, size in bytes."""

    path: Path
    start: dt.datetime
    duration_s: float
    video_packets: int
    audio_packets: int
    size_bytes: int
    codec: str
    lens: int = 1


class Newest(list[T]):
    """The last `MAX_LISTED` of what was noted; `noted` is how many there were."""

    noted = 0

    def note(self, item: T) -> None:
        """Take one more; the oldest goes where there are too many."""
        self.noted += 1
        self.append(item)
        del self[:-MAX_LISTED]

    @property
    def left_out(self) -> int:
        """How many went."""
        return self.noted - len(self)


class Gap(NamedTuple):
    """A stretch of time that is missing from a recording, and why."""

    start: dt.datetime
    duration_s: float
    reason: str
