"""The file that a sink is writing: it opens when its formats are known."""

from collections import Counter

from v380cli.errors import DamagedMedia
from v380cli.media.sink import AudioFormat, Formats, Packet, Sink, Track, VideoFormat

# Sound comes every 63 ms where there is any. A file without sound waits this long for it.
AUDIO_WAIT_MS = 1000


class MediaFile:
    """The sink's present file; media waits until it is open."""

    def __init__(self, sink: Sink, *, waits_for_audio: bool) -> None:
        self._sink = sink
        self._waits_for_audio = waits_for_audio
        self._video: VideoFormat | None = None
        self._audio: AudioFormat | None = None
        self._is_open = False
        self._waiting: list[Packet] = []
        self._unwritten: Counter[Track] = Counter()

    def prepare(self, new_video: VideoFormat | None, audio: AudioFormat | None) -> None:
        """Begin another file at this keyframe if it cannot go into the present one."""
        if new_video is None and audio == self._audio:
            return
        self.close()
        self._video = new_video or self._video
        self._audio = audio

    def takes_audio(self, audio: AudioFormat | None) -> bool:
        """Whether sound of this format goes into the file; one that waits for sound learns it."""
        if not self._is_open:
            self._audio = audio
        return self._audio == audio

    def write(self, packet: Packet) -> None:
        """Write, or keep until the file can be opened."""
        if self._is_open:
            try:
                self._sink.write(packet)
            except DamagedMedia:
                self._unwritten[packet.track] += 1
                raise
            return
        self._waiting.append(packet)
        waited_ms = packet.pts_ms - self._waiting[0].pts_ms
        if self._audio or not self._waits_for_audio or waited_ms >= AUDIO_WAIT_MS:
            self._open()

    def close(self) -> None:
        """Finish the present file; the sink is told even when it is not open."""
        if self._waiting:
            self._open()
        self._is_open = False
        self._sink.close()

    def abandon(self) -> Counter[Track]:
        """Open again with the next keyframe; returns how many packets are lost by that."""
        self._is_open = False
        lost, self._unwritten = self._unwritten, Counter()
        return lost

    def _open(self) -> None:
        assert self._video is not None
        waiting, self._waiting = self._waiting, []
        self._unwritten = Counter(packet.track for packet in waiting)
        self._is_open = True
        first = next(packet for packet in waiting if packet.track is Track.VIDEO)
        self._sink.open(Formats(self._video, self._audio), first.data)
        for packet in waiting:
            self._sink.write(packet)
            self._unwritten[packet.track] -= 1
