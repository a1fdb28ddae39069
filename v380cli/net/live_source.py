"""What our servers ask of whatever they serve; they know neither cameras nor containers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
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


class Source(Protocol):
    """What is served. A `wake` is called, in any thread, when its feed has something again."""

    def hold(self) -> AbstractContextManager[None]:
        """Somebody wants it: what is not there yet is opened, and stays meanwhile."""
        ...

    def is_ready(self) -> bool:
        """Whether there is, or was, something to watch; raises V380Error if none can come."""
        ...


class LiveSource(Source, Protocol):
    """What is served over HTTP."""

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

    def control(self, order: str) -> None:
        """Have the camera do something, one of `controls` in `describe`; for threads.

        Raises InvalidInput for another word, Refused for what the camera lacks, NetworkError.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """What is shown, as JSON."""
        ...


class RtpSource(Source, Protocol):
    """What is served over RTSP."""

    def describe_rtp(self) -> str:
        """What its RTP is, as SDP; for threads, once it is ready."""
        ...

    def watch_rtp(self, wake: Wake) -> Feed:
        """A viewer of RTP in frames (`wire.rtp`), each piece some whole ones; for threads."""
        ...
