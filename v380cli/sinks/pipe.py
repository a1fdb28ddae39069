"""A sink that is a pipe: MPEG-TS for a player, a server or standard output."""

from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import MediaError
from v380cli.media.sink import Formats, Packet
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.output_file import OutputFile

if TYPE_CHECKING:
    from v380cli.sinks.muxer import Muxer


class OutputPipe(OutputFile):
    """A descriptor that somebody else opened and will close, and that cannot seek."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._fd = descriptor
        self.path = Path(name)
        self.error: OSError | None = None
        self.closed = False

    def seekable(self) -> bool:
        """Asked by PyAV."""
        return False

    def close(self) -> None:
        """Take nothing more."""
        self.closed = True


class PipeSink:
    """Writes MPEG-TS to a descriptor; a change of format goes on in the same stream.

    `is_broken` says that the reader has gone: what is raised then is no failure of ours.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._pipe = OutputPipe(descriptor, name)
        self._muxer: Muxer | None = None

    @property
    def is_broken(self) -> bool:
        return isinstance(self._pipe.error, BrokenPipeError)

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Write the header of these formats."""
        from v380cli.sinks.muxer import Muxer  # PyAV takes 60 ms to import
        from v380cli.sinks.templates import open_video_template

        self.close()
        with open_video_template(formats.video.codec, first_keyframe) as template:
            self._muxer = Muxer(self._pipe, ContainerFormat.TS, formats, template)

    def write(self, packet: Packet) -> None:
        """Mux one packet."""
        if self._muxer is None:
            raise MediaError("the stream is not open")
        self._muxer.write(packet)

    def close(self) -> None:
        """Write what was held back."""
        muxer, self._muxer = self._muxer, None
        if muxer is not None:
            muxer.close()
