"""The sound of a recording: decoded, and stamped without seams."""

import logging

from v380cli.errors import RemoteProtocolError
from v380cli.media.audio import (
    AudioCoding,
    AudioDecoder,
    SampleClock,
    count_samples,
    open_audio_decoder,
)
from v380cli.media.sink import AudioFormat, Packet, Track
from v380cli.media.timeline import Timeline
from v380cli.wire.commands import FrameType
from v380cli.wire.session import MediaReceived, StreamOpened

AUDIO_CODINGS = {
    FrameType.PCM16: AudioCoding.PCM16,
    FrameType.IMA_ADPCM: AudioCoding.IMA_ADPCM,
    FrameType.AAC_ADTS: AudioCoding.AAC_ADTS,
    FrameType.IMA_ADPCM_VARIANT: AudioCoding.IMA_VARIANT,
    FrameType.G711_ALAW: AudioCoding.ALAW,
}

# So many frames in a row make another format; fewer are damage, of a header that happens to fit.
CHANGE_FRAMES = 3

log = logging.getLogger(__name__)


class SoundTrack:
    """Gives packets of one format; `unusable_frames` counts those that had none to give."""

    def __init__(self, timeline: Timeline) -> None:
        self.format: AudioFormat | None = None  # known after the first frame
        self.unusable_frames = 0
        self._timeline = timeline
        self._opened = StreamOpened(width=0, height=0, version=0, max_packet=0)
        self._decoders: dict[int, AudioDecoder] = {}
        self._other: AudioFormat | None = None  # what the latest frames were, and how many
        self._other_frames = 0
        self._clock = SampleClock(1)
        self._frame_ms = 0.0

    def expect(self, opened: StreamOpened) -> None:
        """Read what comes as the camera says that it sounds."""
        self._opened = opened
        self._decoders.clear()

    def decode(self, media: MediaReceived, arrival_s: float) -> list[Packet]:
        """Return the packets of one frame: none of one that is damaged or of another format."""
        decoder = self._choose_decoder(media.frame_type)
        try:
            runs = decoder.decode(media.payload)
        except RemoteProtocolError as error:
            log.debug("sound not usable: %s", error.message)
            self.unusable_frames += 1
            return []
        if not runs or decoder.format is None:
            return []
        if not self._is_expected(decoder.format):
            self.unusable_frames += 1
            return []
        return self._stamp(runs, media.timestamp_ms, arrival_s)

    def _choose_decoder(self, frame_type: int) -> AudioDecoder:
        if frame_type not in self._decoders:
            self._decoders[frame_type] = open_audio_decoder(
                AUDIO_CODINGS[FrameType(frame_type)],
                self._opened.audio_rate_hz,
                self._opened.audio_channels,
            )
        return self._decoders[frame_type]

    def _is_expected(self, found: AudioFormat) -> bool:
        """Whether a frame is of the track's format, which changes when enough others agree."""
        if found == self.format:
            self._other_frames = 0
            return True
        self._other_frames = self._other_frames + 1 if found == self._other else 1
        self._other = found
        if self.format is not None:
            if self._other_frames < CHANGE_FRAMES:
                return False
            log.warning(
                "the sound is %s now, not %s: it goes into a new file from the next keyframe on",
                *(describe(found), describe(self.format)),
            )
        self.format = found
        self._clock = SampleClock(found.sample_rate)
        return True

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


def describe(audio: AudioFormat) -> str:
    """`aac at 8000 Hz`, `pcm_s16le at 16000 Hz, stereo`."""
    return f"{audio.codec} at {audio.sample_rate} Hz{', stereo' if audio.channels == 2 else ''}"
