"""A sink that is a pipe: for a player, a server, or whatever reads standard output."""

import os
import select
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import MediaError
from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.output_file import OutputFile

if TYPE_CHECKING:
    from v380cli.sinks.muxer import Muxer

# How long a write waits for its reader before it looks whether it is still wanted.
LOOK_UP_MS = 250


class OutputPipe(OutputFile):
    """A descriptor that somebody else opened and will close, and that cannot seek.

    Who reads slowly holds the writer up; `interrupt` frees it.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._fd = descriptor
        self._room = select.poll()
        self._room.register(descriptor, select.POLLOUT)
        self._is_interrupted = False
        self.path = Path(name)
        self.error: OSError | None = None
        self.closed = False

    @property
    def is_broken(self) -> bool:
        """Whether the reader has gone."""
        return isinstance(self.error, BrokenPipeError)

    def write(self, data: bytes) -> int:
        """Write all, and only what fits at the moment: no write blocks."""
        if self.error is not None:
            raise self.error
        rest = memoryview(data)
        try:
            while rest:
                self._await_room()
                rest = rest[os.write(self._fd, rest[: select.PIPE_BUF]) :]
        except OSError as error:
            self.error = error
            raise
        return len(data)

    def interrupt(self) -> None:
        """End a write that waits, and later ones that would; safe in a signal handler."""
        self._is_interrupted = True

    def seekable(self) -> bool:
        """Asked by PyAV."""
        return False

    def reopen(self) -> None:
        """Take the next stream."""
        self.closed = False

    def close(self) -> None:
        """Take nothing more until the next stream."""
        self.closed = True

    def _await_room(self) -> None:
        while not self._room.poll(LOOK_UP_MS):
            if self._is_interrupted:
                raise InterruptedError("the reader does not read")


class PipeSink:
    """Writes MPEG-TS or Matroska to a descriptor; a change of format goes on in the same pipe.

    `is_broken` says that the reader has gone: what is raised then is not a failure of ours.
    Making one takes the time that PyAV takes to be imported, so that no picture waits for that.
    """

    def __init__(
        self, descriptor: int, name: str, container: ContainerFormat = ContainerFormat.TS
    ) -> None:
        import_module("v380cli.sinks.muxer")
        self.video_packets = self.audio_packets = 0
        self._container = container
        self._pipe = OutputPipe(descriptor, name)
        self._muxer: Muxer | None = None
        self._changes = 0  # of format, the first one included

    @property
    def is_broken(self) -> bool:
        return self._pipe.is_broken

    def interrupt(self) -> None:
        """Do not wait for a reader that does not read; safe in a signal handler."""
        self._pipe.interrupt()

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Write the header of these formats."""
        from v380cli.sinks.muxer import Muxer, choose_live_style
        from v380cli.sinks.templates import open_video_template

        self.close()
        self._pipe.reopen()
        style = choose_live_style(self._container, self._changes)
        self._changes += 1
        with open_video_template(formats.video.codec, first_keyframe) as template:
            self._muxer = Muxer(self._pipe, style, formats, template)

    def write(self, packet: Packet) -> None:
        """Mux one packet."""
        if self._muxer is None:
            raise MediaError("the stream is not open")
        is_written = self._muxer.write(packet)
        self.video_packets += packet.track is Track.VIDEO
        self.audio_packets += packet.track is Track.AUDIO and is_written

    def close(self) -> None:
        """Write what was held back."""
        muxer, self._muxer = self._muxer, None
        if muxer is not None:
            muxer.close()
