"""A live MP4 in fragments, as browsers play it. Imports PyAV."""

import av

from v380cli.errors import MediaError
from v380cli.media.movie_fragment import Sample, encode_fragment, prefix_nal_units
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.sinks.chunks import Chunk, Collector
from v380cli.sinks.templates import open_video_template
from v380cli.sinks.tracks import (
    AAC_FRAME_SAMPLES,
    SEAM_TOLERANCE_MS,
    VIDEO_TICK,
    OutTrack,
    open_audio_track,
    open_video_track,
)

# A moov without samples, which goes out at once.
_OPTIONS = {"movflags": "empty_moov+default_base_moof"}

SILENCE_MS = 1000  # sound that stays away for longer is silence until it comes again
HOLE_MS = 60_000  # after a longer hole pictures and sound begin anew


class FragmentedMp4:
    """FFmpeg writes the header and encodes the sound; the fragments are ours, one per sample.

    A picture waits for the next one, whose time makes it as long as it is: a browser that meets a
    hole of more than two durations drops pictures up to the next keyframe.
    """

    def __init__(self, formats: Formats, keyframe: bytes) -> None:
        head, audio = Collector(), formats.audio
        is_pcm = audio is not None and audio.codec is Codec.PCM
        try:
            with open_video_template(formats.video.codec, keyframe) as template:
                out = av.open(head, "w", format="mp4", container_options=_OPTIONS)
                video = open_video_track(out, template)
                tick = VIDEO_TICK.denominator
                self._tracks = {Track.VIDEO: _FragmentTrack(1, tick, video, holds=True)}
                if audio:
                    sound, _ = open_audio_track(out, audio, takes_pcm=False)
                    rate = audio.sample_rate
                    self._tracks[Track.AUDIO] = _FragmentTrack(2, rate, sound, holds=not is_pcm)
                out.start_encoding()
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into an MP4: {error}") from error
        self._codec = formats.video.codec
        self._quiet = _Quiet(audio) if audio and is_pcm else None
        self._out = out  # the sound's encoder belongs to it
        self._head = head.take()
        self._count = 0

    def write(self, packet: Packet) -> list[Chunk]:
        if packet.track not in self._tracks:
            return []
        silence = self._quiet.follow(packet) if self._quiet else None
        return [*(self._mux(silence) if silence else ()), *self._mux(packet)]

    def _mux(self, packet: Packet) -> list[Chunk]:
        track = self._tracks[packet.track]
        try:
            out_packets = track.out.write(packet)
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into an MP4: {error}") from error
        chunks = []
        for out in out_packets:
            assert out.pts is not None and out.time_base is not None
            time = int(out.pts * out.time_base * track.time_scale)
            if time >= 0:  # what lies before is the encoder warming up
                data = bytes(out)
                if track.is_video and self._codec is not Codec.MJPEG:
                    data = prefix_nal_units(data, self._codec)
                chunks += self._take(track, Sample(data, time, out.is_keyframe))
        return chunks

    def finish(self) -> list[Chunk]:
        return [
            self._make_chunk(track, track.held)
            for track in self._tracks.values()
            if track.held is not None
        ]

    def _take(self, track: "_FragmentTrack", sample: Sample) -> list[Chunk]:
        """A chunk of this sample, or of the one before, whose duration is known now."""
        if not track.holds:
            return [self._make_chunk(track, sample)]
        held, track.held = track.held, sample
        if held is None:
            return []
        track.duration = sample.time - held.time
        return [self._make_chunk(track, held)]

    def _make_chunk(self, track: "_FragmentTrack", sample: Sample) -> Chunk:
        self._count += 1
        data = encode_fragment(self._count, track.id, sample, track.duration)
        if not track.is_video:
            return Chunk(data)
        return Chunk(data, sample.is_sync, 1, self._head if sample.is_sync else b"")


class _FragmentTrack:
    """A track; one that `holds` keeps a sample until the next one tells its duration."""

    def __init__(self, number: int, time_scale: int, out: OutTrack, *, holds: bool) -> None:
        self.id = number
        self.is_video = number == 1
        self.time_scale = time_scale
        self.out = out
        self.holds = holds
        self.held: Sample | None = None
        self.duration = AAC_FRAME_SAMPLES


class _Quiet:
    """Stands in for PCM sound that is missing, so that what is encoded has no holes.

    A browser shows pictures no further than it has sound, and after a hole in it none up to the
    next keyframe.
    """

    def __init__(self, audio: AudioFormat) -> None:
        self._sample_bytes = 2 * audio.channels
        self._sample_rate = audio.sample_rate
        self._sound_end_ms: int | None = None
        self._is_silent = False

    def follow(self, packet: Packet) -> Packet | None:
        """Notice a packet; return the silence that belongs before it."""
        if self._sound_end_ms is None:
            self._sound_end_ms = packet.pts_ms
        start_ms, missing_ms = self._sound_end_ms, packet.pts_ms - self._sound_end_ms
        is_sound = packet.track is Track.AUDIO
        is_missing = missing_ms > self._find_patience_ms(is_sound)
        if is_sound:
            samples = len(packet.data) // self._sample_bytes
            self._sound_end_ms = packet.pts_ms + samples * 1000 // self._sample_rate
        elif is_missing:
            self._sound_end_ms = packet.pts_ms
        self._is_silent = not is_sound and (is_missing or self._is_silent)
        if not is_missing or missing_ms > HOLE_MS:
            return None
        samples = missing_ms * self._sample_rate // 1000
        return Packet(Track.AUDIO, bytes(samples * self._sample_bytes), start_ms)

    def _find_patience_ms(self, is_sound: bool) -> int:
        """How much may be missing before it counts."""
        if is_sound:
            return SEAM_TOLERANCE_MS
        return 0 if self._is_silent else SILENCE_MS
