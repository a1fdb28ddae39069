"""A sink that feeds several, some of which come and go while it runs."""

import logging
import threading
from dataclasses import dataclass

from v380cli.errors import Bug, V380Error
from v380cli.media.sink import Formats, Packet, Sink, Track

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Branch:
    """A sink beside the main one; `error` is what ended it before its time."""

    sink: Sink
    is_open: bool = False
    error: V380Error | None = None


class TeeSink:
    """Feeds one main sink, whose errors are those of the tee, and branches, whose are their own.

    `attach` and `detach` may come from any thread.
    """

    def __init__(self, main: Sink) -> None:
        self._main = main
        self._formats: Formats | None = None
        self._branches: list[Branch] = []
        self._lock = threading.Lock()  # a branch is never closed in the middle of a write

    def attach(self, sink: Sink) -> Branch:
        """Feed this sink, too, from the next keyframe on, until it fails or is detached."""
        branch = Branch(sink)
        with self._lock:
            self._branches.append(branch)
        return branch

    def detach(self, branch: Branch) -> None:
        """Feed it no more and close it; raises what its closing raises."""
        with self._lock:
            if branch in self._branches:
                self._branches.remove(branch)
        branch.is_open = False
        branch.sink.close()

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Open the main sink; the others follow with that keyframe."""
        self._close_branches()
        self._formats = formats
        self._main.open(formats, first_keyframe)

    def write(self, packet: Packet) -> None:
        """Hand a packet to all of them."""
        self._main.write(packet)
        with self._lock:
            for branch in tuple(self._branches):
                self._feed(branch, packet)

    def close(self) -> None:
        """Close all of them; a branch goes on when the tee is opened again."""
        self._close_branches()
        self._main.close()

    def _feed(self, branch: Branch, packet: Packet) -> None:
        is_keyframe = packet.track is Track.VIDEO and packet.is_keyframe
        try:
            if not branch.is_open and is_keyframe and self._formats:
                branch.sink.open(self._formats, packet.data)
                branch.is_open = True
            if branch.is_open:
                branch.sink.write(packet)
        except Exception as error:
            self._drop(branch, error)

    def _close_branches(self) -> None:
        with self._lock:
            for branch in tuple(self._branches):
                branch.is_open = False
                try:
                    branch.sink.close()
                except Exception as error:
                    self._drop(branch, error)

    def _drop(self, branch: Branch, error: Exception) -> None:
        """End a branch that failed, whatever it was, with what can be saved of its file."""
        self._branches.remove(branch)
        branch.is_open, branch.error = False, _explain(error)
        try:
            branch.sink.close()
        except Exception as later:  # the first error says what went wrong
            log.debug("%s", type(later).__name__)


def _explain(error: Exception) -> V380Error:
    if isinstance(error, V380Error):
        return error
    log.error("%s", type(error).__name__, exc_info=error)
    return Bug(error)
