"""A sink that is raw video in a pipe: no container, no sound, no times."""

from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.pipe import OutputPipe


class ElementarySink:
    """Writes H.264 or H.265 as the camera sent it: Annex B, parameter sets before keyframes.

    `is_broken` says that the reader has gone: what is raised then is not a failure of ours.
    """

    audio_packets = 0

    def __init__(self, descriptor: int, name: str) -> None:
        self.video_packets = 0
        self._pipe = OutputPipe(descriptor, name)

    @property
    def is_broken(self) -> bool:
        return self._pipe.is_broken

    def interrupt(self) -> None:
        """Do not wait for a reader that does not read; safe in a signal handler."""
        self._pipe.interrupt()

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Write nothing: the keyframe that comes first says all."""

    def write(self, packet: Packet) -> None:
        """Write one access unit; sound is left out."""
        if packet.track is not Track.VIDEO:
            return
        try:
            self._pipe.write(packet.data)
        except OSError as error:
            raise self._pipe.explain(error) from error
        self.video_packets += 1

    def close(self) -> None:
        """Nothing is held back."""
