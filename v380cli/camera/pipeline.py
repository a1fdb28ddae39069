"""From media frames to a sink: name them, stamp them, hold them back until a file can begin."""

import logging
import math

from v380cli.errors import RemoteProtocolError
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.audio import (
    AudioCoding,
    AudioDecoder,
    SampleClock,
    count_samples,
    open_audio_decoder,
)
from v380cli.media.gate import GatedUnit, KeyframeGate
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Sink, Track, VideoFormat
from v380cli.media.timeline import Timeline
from v380cli.wire.commands import H264_TYPES, HEVC_TYPES, FrameType
from v380cli.wire.session import MediaReceived

# Sound comes every 63 ms where there is any. A file without sound waits this long for it.
AUDIO_WAIT_MS = 1000
DEFAULT_FRAME_MS = 1000 / 15  # where the camera does not tell its frame rate
MAX_FPS = 120

AUDIO_CODINGS = {
    FrameType.PCM16: AudioCoding.PCM16,
    FrameType.IMA_ADPCM: AudioCoding.IMA_ADPCM,
    FrameType.AAC_ADTS: AudioCoding.AAC_ADTS,
    FrameType.IMA_ADPCM_VARIANT: AudioCoding.IMA_VARIANT,
    FrameType.G711_ALAW: AudioCoding.ALAW,
}
CODEC_HINTS = {
    **dict.fromkeys(H264_TYPES, Codec.H264),
    **dict.fromkeys(HEVC_TYPES, Codec.HEVC),
}

log = logging.getLogger(__name__)


class MediaPipeline:
    """Feeds one sink from one camera; the same pipeline lives through lost links."""

    def __init__(self, sink: Sink, *, audio: bool) -> None:
        self.video_frames = 0
        self.audio_packets = 0
        self.unusable_frames = 0
        self._timeline = Timeline()
        self._gate = KeyframeGate()
        self._sound = _Sound(self._timeline) if audio else None
        self._file = _File(sink, waits_for_audio=audio)
        self._first_pts_ms: int | None = None
        self._end_ms = 0

    @property
    def duration_s(self) -> float:
        """Media time from the first keyframe to the end of the last picture."""
        return (self._end_ms - (self._first_pts_ms or 0)) / 1000

    def feed(self, media: MediaReceived, arrival_s: float) -> bool:
        """Take one media frame; true if it went into the recording. Raises what the sink raises."""
        if media.kind == "video":
            return self._feed_video(media, arrival_s)
        return self._feed_audio(media, arrival_s)

    def lose_link(self) -> None:
        """What comes next does not join on: wait for a keyframe."""
        self._gate.close_gate()

    def close(self) -> None:
        """Finish the file; media that waited for sound is written first."""
        self._file.close()

    def _feed_video(self, media: MediaReceived, arrival_s: float) -> bool:
        frame_ms = 1000 / media.fps if 0 < media.fps <= MAX_FPS else DEFAULT_FRAME_MS
        pts_ms = self._timeline.map(Track.VIDEO, media.timestamp_ms, arrival_s, frame_ms)
        unit = classify_access_unit(media.payload, CODEC_HINTS.get(media.frame_type))
        if unit is None:
            self.unusable_frames += 1
            return False
        gated = self._gate.admit(unit)
        if gated is None:
            return False
        self._write_video(gated, pts_ms)
        self._end_ms = math.ceil(pts_ms + frame_ms)
        return True

    def _write_video(self, unit: GatedUnit, pts_ms: int) -> None:
        if unit.is_keyframe:
            self._file.prepare(unit.new_format, self._sound.format if self._sound else None)
        self.video_frames += 1
        if self._first_pts_ms is None:
            self._first_pts_ms = pts_ms
        self._file.write(Packet(Track.VIDEO, unit.data, pts_ms, unit.is_keyframe))

    def _feed_audio(self, media: MediaReceived, arrival_s: float) -> bool:
        if self._sound is None or not self._gate.is_open:
            return False
        try:
            packets = self._sound.decode(media, arrival_s)
        except RemoteProtocolError as error:
            log.debug("sound not usable: %s", error.message)
            self.unusable_frames += 1
            return False
        self.audio_packets += len(packets)
        self._file.accept_audio(self._sound.format)
        for packet in packets:
            self._file.write(packet)
        return bool(packets)


class _Sound:
    """The audio track: decoded, and stamped without seams."""

    def __init__(self, timeline: Timeline) -> None:
        self.format: AudioFormat | None = None  # known after the first frame
        self._timeline = timeline
        self._frame_type = -1
        self._decoder: AudioDecoder | None = None
        self._clock = SampleClock(1)
        self._frame_ms = 0.0

    def decode(self, media: MediaReceived, arrival_s: float) -> list[Packet]:
        """Return the packets of one audio frame; RemoteProtocolError if it makes no sense."""
        decoder = self._choose_decoder(media.frame_type)
        runs = decoder.decode(media.payload)
        if not runs or decoder.format is None:
            return []
        if decoder.format != self.format:
            self.format = decoder.format
            self._clock = SampleClock(self.format.sample_rate)
        return self._stamp(runs, media.timestamp_ms, arrival_s)

    def _choose_decoder(self, frame_type: int) -> AudioDecoder:
        if self._decoder is None or frame_type != self._frame_type:
            self._decoder = open_audio_decoder(AUDIO_CODINGS[FrameType(frame_type)])
            self._frame_type = frame_type
        return self._decoder

    def _stamp(self, runs: list[bytes], timestamp_ms: int, arrival_s: float) -> list[Packet]:
        assert self.format is not None
        pts_ms = self._timeline.map(Track.AUDIO, timestamp_ms, arrival_s, self._frame_ms)
        packets, samples_before = [], 0
        for run in runs:
            samples = count_samples(self.format, run)
            run_pts_ms = pts_ms + samples_before * 1000 // self.format.sample_rate
            packets.append(Packet(Track.AUDIO, run, self._clock.stamp(run_pts_ms, samples)))
            samples_before += samples
        self._frame_ms = samples_before * 1000 / self.format.sample_rate
        return packets


class _File:
    """The sink's present file: it opens when its formats are known, media waits until then."""

    def __init__(self, sink: Sink, *, waits_for_audio: bool) -> None:
        self._sink = sink
        self._waits_for_audio = waits_for_audio
        self._video: VideoFormat | None = None
        self._audio: AudioFormat | None = None
        self._is_open = False
        self._waiting: list[Packet] = []

    def prepare(self, new_video: VideoFormat | None, audio: AudioFormat | None) -> None:
        """Begin another file at this keyframe if it cannot go into the present one."""
        if new_video is None and audio == self._audio:
            return
        self.close()
        self._video = new_video or self._video
        self._audio = audio

    def accept_audio(self, audio: AudioFormat | None) -> None:
        """Learn what the sound is while the file waits for it."""
        if not self._is_open:
            self._audio = audio

    def write(self, packet: Packet) -> None:
        """Write, or keep until the file can be opened."""
        if self._is_open:
            if packet.track is Track.VIDEO or self._audio:
                self._sink.write(packet)
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

    def _open(self) -> None:
        assert self._video is not None
        waiting, self._waiting = self._waiting, []
        self._is_open = True
        self._sink.open(Formats(self._video, self._audio), waiting[0].data)
        for packet in waiting:
            self._sink.write(packet)
