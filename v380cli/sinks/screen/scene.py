"""What shows pictures to a person and takes their keys: a window or a terminal."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, Self, TypeAlias

if TYPE_CHECKING:  # PyAV takes 60 ms to import
    import av

    Picture: TypeAlias = av.VideoFrame

MAX_FPS = 60.0  # of what is shown


class Label(NamedTuple):
    """Words that are in the picture, where its letters are too small for a screen to show.

    They begin at `x` and `y` and have room for `width`, all as shares of the picture.
    """

    x: float
    y: float
    width: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is to be seen; a picture that `is_live` no more is shown darker.

    `status` is one line that is always there, `badge` a few letters beside it, `note` a line that
    comes and goes. `help` has keys and what they do. Before the first there is no picture; other
    `labels` come with another picture.
    """

    picture: "Picture | None" = None
    is_live: bool = True
    status: str = ""
    badge: str = ""
    note: str = ""
    help: tuple[tuple[str, str], ...] = ()
    labels: tuple[Label, ...] = ()


class Screen(Protocol):
    """A context that leaves everything as it found it, whatever happened in between.

    Keys have the name of their character, or "up", "down", "left", "right", "space", "esc".
    """

    KEYS: ClassVar[dict[str, str]]  # those that it takes itself, and what they do

    @property
    def is_closed(self) -> bool:
        """Whether the person has closed it."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether it has shown what it was given; a slow one leaves pictures out."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, scene: Scene) -> None:
        """Show it instead of what was there."""
        ...

    def read_keys(self, timeout_s: float) -> list[str]:
        """What was pressed, after waiting so long for it at most."""
        ...
