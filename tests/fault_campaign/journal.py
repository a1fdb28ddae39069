"""What the camera of a campaign really sent: what its recordings are held against."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sent:
    """One frame: `units` are what a recording of it holds, `damaged` what bits flipped on the way
    made of them, which no receiver can tell; `strike` is what happened to it, if anything.
    """

    number: int  # over all links
    link: int
    is_video: bool
    units: list[bytes]
    damaged: list[bytes]
    strike: str = ""


@dataclass
class Journal:
    """Written by the camera's thread, read when it is over."""

    sent: list[Sent] = field(default_factory=list)
    outages_s: list[float] = field(default_factory=list)  # silences that were given up
    unheeded: list[str] = field(default_factory=list)  # losses that the recorder sat through
