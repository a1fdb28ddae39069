"""What the HTTP server asks of whatever it serves; it knows neither cameras nor containers."""

from collections.abc import Callable
from typing import Any, Protocol

Wake = Callable[[], None]


class Feed(Protocol):
    """What one viewer gets, piece by piece."""

    def take(self) -> bytes | None:
        """The next bytes; none if they are not there yet, None after the last ones."""
        ...

    def close(self) -> None:
        """Take nothing more."""
        ...


class LiveSource(Protocol):
    """What is served. A `wake` is called, in any thread, when its feed has something again."""

    def is_ready(self) -> bool:
        """Whether there is, or was, something to watch."""
        ...

    def watch_ts(self, wake: Wake) -> tuple[Feed, str]:
        """A viewer of MPEG-TS, and its media type; this and the next three are for threads."""
        ...

    def watch_mp4(self, wake: Wake) -> tuple[Feed, str]:
        """A viewer of fragmented MP4, and its media type."""
        ...

    def watch_pictures(self, fps: float, wake: Wake) -> Feed:
        """A viewer who gets a JPEG file at a time."""
        ...

    def take_snapshot(self) -> bytes:
        """The newest picture as a JPEG file; MediaError if there is none."""
        ...

    def describe(self) -> dict[str, Any]:
        """What is shown, as JSON."""
        ...
