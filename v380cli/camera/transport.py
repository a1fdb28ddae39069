"""What carries a camera's media to us: a transport opens links, and a link hands out media.

`LAN` (camera/live.py) is the private protocol. Another transport is a file with these two, and a
row where the accesses are made.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, Self

from v380cli.models import Quality
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.stream_counters import StreamCounters

if TYPE_CHECKING:
    from v380cli.camera.access import Access

# A camera sends several frames a second; one that sends no media for this long is gone.
SILENCE_TIMEOUT_S = 8.0


Clock = Callable[[], float]


def never() -> float:
    """The moment of what has no deadline."""
    return float("inf")


class Listener(Protocol):
    """Somebody beside who reads a link; told by the thread that reads it."""

    def put(self, burst: Sequence[MediaReceived]) -> None:
        """Take what came together; who reads gets it afterwards."""

    def lose_link(self) -> None:
        """Nothing more comes."""


class LiveLink(Protocol):
    """An open live stream, read by one thread; NetworkError is how it ends."""

    @property
    def opened(self) -> StreamOpened:
        """What the camera said of the stream when it let us have it."""

    @property
    def via(self) -> str:
        """The road: `lan`, `rtsp` or `local`."""

    @property
    def address(self) -> str:
        """Where the media come from, as it can be shown and found again; holds no password."""

    @property
    def counters(self) -> StreamCounters:
        """What came over this link so far, and what was lost on it."""

    @property
    def arrival_s(self) -> float:
        """When the media that was handed out last came, by the monotonic clock."""

    @property
    def encryption(self) -> str:
        """How the media turned out to be encrypted."""

    def read_media(
        self, *, deadline_s: Clock = never, silence_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[MediaReceived]:
        """Yield media as it comes, until the monotonic clock shows what `deadline_s` tells."""

    def tell(self, listener: Listener) -> None:
        """Tell somebody of the media from now on, and of the end."""

    def set_prompt(self, wanted: bool) -> None:
        """Hand out each frame when it comes, or many at once; from any thread, heeded soon."""

    def send_control(self, packet: bytes) -> None:
        """Send one control packet, from any thread."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Transport(Protocol):
    """One way to a camera's media."""

    def open_live(
        self, access: "Access", *, quality: Quality, audio: bool, prompt: bool
    ) -> LiveLink:
        """Open a live stream; `prompt` links hand out each frame when it comes.

        Raises NetworkError, a Refused, or RemoteProtocolError.
        """
