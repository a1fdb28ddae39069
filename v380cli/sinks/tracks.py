"""The tracks of an output file: our packets in, FFmpeg's packets out.

The one place that knows of PyAV's rationals: a packet takes any and the muxer rescales it.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol, TypeAlias

import av
from av.audio.codeccontext import AudioCodecContext
from av.container import InputContainer, OutputContainer
from av.rational import AVRational
from av.stream import Stream

from v380cli.errors import UnsupportedMedia
from v380cli.media.sink import AudioFormat, Codec, Packet
from v380cli.sinks.templates import open_aac_template

MILLISECOND = AVRational(1, 1000)  # a `Fraction` is asked twice in Python for each packet
# Milliseconds and the usual frame durations are whole in it; MP4 takes it as its time scale.
VIDEO_TICK = Fraction(1, 90_000)

AAC_FRAME_SAMPLES = 1024
AAC_BITS_PER_SAMPLE = 4  # 32 kbit/s at 8 kHz, as much as the camera's ADPCM has
# 2-4 CPU seconds an hour of speech and noise; the default coder takes 4-26 at this bit rate.
_AAC_OPTIONS = {"aac_coder": "fast"}
# Stamps are whole milliseconds of a sample count that is corrected from 20 ms on.
SEAM_TOLERANCE_MS = 15
_LAYOUTS = {1: "mono", 2: "stereo"}

_FOR_JPEG = {"mp4", "matroska"}
JPEG_DURATION_MS = 1  # else the last one lies outside of an MP4's edit list

OutPackets: TypeAlias = "Iterable[av.Packet[Stream]]"


class OutTrack(Protocol):
    """Takes the packets of one elementary stream and gives those to mux."""

    def write(self, packet: Packet) -> OutPackets:
        """Return what can be muxed now."""
        ...

    def finish(self) -> OutPackets:
        """Return what was held back."""
        ...


class CopyTrack:
    """Passes data on as it is.

    `duration_ms` is that of every packet, 0 if only the next one tells. FFmpeg 9 leaves the last
    packet out of an MP4's edit list without it.
    """

    def __init__(self, stream: Stream, duration_ms: int = 0) -> None:
        self._stream = stream
        self._duration_ms = duration_ms
        self._last_ms = -1

    def write(self, packet: Packet) -> OutPackets:
        pts_ms = packet.pts_ms
        if pts_ms <= self._last_ms:  # FFmpeg refuses an equal or backward DTS
            pts_ms = self._last_ms + 1
        self._last_ms = pts_ms
        out: av.Packet[Stream] = av.Packet(packet.data)
        out.stream = self._stream
        out.rescale_ts(MILLISECOND)  # it has no times yet: this is what they are in
        out.pts = out.dts = pts_ms
        if self._duration_ms:
            out.duration = self._duration_ms
        if packet.is_keyframe:
            out.is_keyframe = True
        return (out,)

    def finish(self) -> OutPackets:
        return ()


class AacTrack:
    """Encodes PCM to AAC: contiguous frames, stamped by counting samples.

    Where a packet's PTS does not join, silence fills up the frame begun and the count goes on
    from the PTS; where it overlaps what was taken before, the overlap is cut off. About `batch_s`
    of sound are encoded at a time: the same frames, in four fifths of the time that they take one
    by one.
    """

    def __init__(self, out: OutputContainer, audio: AudioFormat, batch_s: float = 0.0) -> None:
        self._audio = audio
        self._sample_bytes = 2 * audio.channels
        layout = _LAYOUTS[audio.channels]
        self._stream = out.add_stream("aac", audio.sample_rate, _AAC_OPTIONS, layout=layout)
        self._stream.bit_rate = AAC_BITS_PER_SAMPLE * audio.sample_rate * audio.channels
        frames = round(batch_s * audio.sample_rate / AAC_FRAME_SAMPLES)
        self._batch_samples = AAC_FRAME_SAMPLES * max(1, frames)
        self._pending = bytearray()
        self._start = 0  # of what is pending, in samples since time zero

    @property
    def stream(self) -> Stream:
        return self._stream

    def write(self, packet: Packet) -> OutPackets:
        data, rate = packet.data, self._audio.sample_rate
        missing = packet.pts_ms * rate // 1000 - self._start - self._count_pending()
        skipped: OutPackets = ()
        if missing * 1000 > SEAM_TOLERANCE_MS * rate:
            skipped = self._skip(missing)
        elif missing * 1000 < -SEAM_TOLERANCE_MS * rate:
            data = data[-missing * self._sample_bytes :]
        self._pending += data
        if self._count_pending() < self._batch_samples:
            return skipped
        return [*skipped, *self._encode_whole_frames()]

    def finish(self) -> OutPackets:
        last = self._skip(-self._count_pending() % AAC_FRAME_SAMPLES)
        return [*last, *self._stream.encode(None)]

    def _skip(self, missing: int) -> OutPackets:
        silence = min(missing, -self._count_pending() % AAC_FRAME_SAMPLES)
        self._pending += bytes(silence * self._sample_bytes)
        packets = self._encode_whole_frames()
        self._start += missing - silence
        return packets

    def _encode_whole_frames(self) -> OutPackets:
        samples = self._count_pending() // AAC_FRAME_SAMPLES * AAC_FRAME_SAMPLES
        if not samples:
            return ()
        size = samples * self._sample_bytes
        frame = _make_frame(self._audio, "s16", self._start, samples)
        frame.planes[0].update(bytes(self._pending[:size]))  # FFmpeg cuts it into frames of its own
        del self._pending[:size]
        self._start += samples
        return self._stream.encode(frame)

    def _count_pending(self) -> int:
        return len(self._pending) // self._sample_bytes


def open_video_track(out: OutputContainer, template: InputContainer) -> OutTrack:
    """Video is copied, never transcoded; UnsupportedMedia for a container without a place."""
    codec = template.streams.video[0].codec_context.name
    if codec == Codec.MJPEG and out.format.name not in _FOR_JPEG:
        raise UnsupportedMedia(
            f"the camera sends Motion JPEG (frame type 9), which {out.format.name} cannot hold",
            hint="record it into mp4 or mkv; snapshots work as well",
        )
    stream = out.add_stream_from_template(template.streams.video[0], opaque=True)
    if out.format.name == "mp4" and codec == Codec.HEVC:
        # As Apple's players want it. FFmpeg leaves the parameter sets out of the samples then: they
        # are in the sample description.
        stream.codec_context.codec_tag = "hvc1"
    stream.time_base = VIDEO_TICK
    return CopyTrack(stream, JPEG_DURATION_MS if codec == Codec.MJPEG else 0)


def open_audio_track(
    out: OutputContainer, audio: AudioFormat, takes_pcm: bool, batch_s: float = 0.0
) -> tuple[OutTrack, Stream]:
    """AAC is copied; PCM is copied where the container has a place for it, else encoded to AAC.

    That in batches of `batch_s`, where no reader waits for it.
    """
    stream: Stream
    if audio.codec is Codec.AAC:
        with open_aac_template(audio) as template:
            stream = out.add_stream_from_template(template.streams.audio[0], opaque=True)
        return CopyTrack(stream, AAC_FRAME_SAMPLES * 1000 // audio.sample_rate), stream
    if takes_pcm:
        layout = _LAYOUTS[audio.channels]
        stream = out.add_stream("pcm_s16le", audio.sample_rate, layout=layout)
        return CopyTrack(stream), stream
    track = AacTrack(out, audio, batch_s)
    return track, track.stream


def make_lead_in(stream: Stream, audio: AudioFormat) -> "av.Packet[Stream]":
    """A frame of silence before time zero, for a muxer that waits for a track's first packet.

    Players skip as many samples as lie before zero, so those frames must be there: this one, and
    in front of encoded sound the encoder's own first, whose time is one frame before the sound's.
    """
    frames_before_zero = 1 if audio.codec is Codec.AAC else 2
    packet: av.Packet[Stream] = av.Packet(_encode_silence(audio))
    packet.stream = stream
    packet.time_base = Fraction(1, audio.sample_rate)
    packet.pts = packet.dts = -frames_before_zero * AAC_FRAME_SAMPLES
    packet.is_keyframe = True
    return packet


def _encode_silence(audio: AudioFormat) -> bytes:
    encoder = AudioCodecContext.create("aac", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate = audio.sample_rate
    encoder.layout = _LAYOUTS[audio.channels]
    encoder.format = "fltp"
    frame = _make_frame(audio, "fltp", 0, AAC_FRAME_SAMPLES)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    encoder.encode(frame)
    return bytes(encoder.encode(None)[-1])  # the first says the encoder's name


def _make_frame(audio: AudioFormat, sample_format: str, start: int, samples: int) -> av.AudioFrame:
    layout = _LAYOUTS[audio.channels]
    frame = av.AudioFrame(format=sample_format, layout=layout, samples=samples)
    frame.sample_rate = audio.sample_rate
    frame.pts = start
    return frame
