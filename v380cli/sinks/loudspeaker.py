"""The loudspeaker of this machine: a camera's sound as it comes, never far behind."""

import threading
from fractions import Fraction
from typing import Any

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from v380cli.errors import MediaError
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track

# What Wi-Fi delays by: sound begins, and begins again after a hole, with so much in hand.
HEADWAY_S = 0.2
# More than that has waited somewhere: it is left out, or the sound would stay behind the picture.
LONGEST_LAG_S = 0.6
SAMPLE_BYTES = 2
LAYOUTS = {1: "mono", 2: "stereo"}


class Loudspeaker:
    """Plays the sound of packets; video is left out, and so is all sound while `is_muted`.

    `sounddevice` is the package of that name.
    """

    def __init__(self, sounddevice: Any) -> None:
        self.is_muted = False
        self._sounddevice = sounddevice
        self._stream: Any = None
        self._decoder: SoundDecoder | None = None
        self._waiting = SoundBuffer(1)

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Begin to play, if there is sound; MediaError where the machine cannot."""
        self.close()
        if formats.audio:
            self._stream = stream = self._open_stream(formats.audio)
            rate = int(stream.samplerate)
            self._decoder = SoundDecoder(formats.audio, rate)
            self._waiting = SoundBuffer(rate * formats.audio.channels * SAMPLE_BYTES)
            self._start(stream)

    def write(self, packet: Packet) -> None:
        """Play it soon."""
        if packet.track is Track.AUDIO and self._decoder:
            self._waiting.put(self._decoder.decode(packet.data))

    def close(self) -> None:
        """Be silent at once."""
        stream, self._stream, self._decoder = self._stream, None, None
        if stream:
            stream.close()

    def _start(self, stream: Any) -> None:
        try:
            stream.start()
        except self._sounddevice.PortAudioError as error:
            self.close()
            raise MediaError(f"the loudspeaker cannot be opened: {error}") from None

    def _open_stream(self, audio: AudioFormat) -> Any:
        """At the camera's rate, else at the one that the sound system likes best."""
        failure: Exception | None = None
        for rate in (audio.sample_rate, None):
            try:
                return self._sounddevice.RawOutputStream(
                    samplerate=rate, channels=audio.channels, dtype="int16", callback=self._fill
                )
            except (self._sounddevice.PortAudioError, ValueError) as error:
                failure = error
        raise MediaError(f"the loudspeaker cannot be opened: {failure}")

    def _fill(self, out: Any, _frames: int, _time: Any, _status: Any) -> None:
        """What the sound system calls for more."""
        sound = self._waiting.take(len(out))
        out[:] = bytes(len(out)) if self.is_muted else sound


class SoundBuffer:
    """Bytes of sound between two threads: never more than `LONGEST_LAG_S` of them."""

    def __init__(self, bytes_per_second: int) -> None:
        self._headway = int(HEADWAY_S * bytes_per_second)
        self._limit = int(LONGEST_LAG_S * bytes_per_second)
        self._waiting = bytearray()
        self._is_gathering = True
        self._lock = threading.Lock()

    def put(self, sound: bytes) -> None:
        """Append it; where too much waits, what is older than the headway goes."""
        with self._lock:
            self._waiting += sound
            if len(self._waiting) > self._limit:
                surplus = len(self._waiting) - self._headway
                del self._waiting[: surplus - surplus % (2 * SAMPLE_BYTES)]
            if len(self._waiting) >= self._headway:
                self._is_gathering = False

    def take(self, count: int) -> bytes:
        """So many bytes, silence where there are no more."""
        with self._lock:
            if self._is_gathering:
                return bytes(count)
            sound = bytes(self._waiting[:count])
            del self._waiting[:count]
            self._is_gathering = len(sound) < count
        return sound.ljust(count, b"\0")


class SoundDecoder:
    """Packets of one format to interleaved s16 at another rate."""

    def __init__(self, audio: AudioFormat, rate: int) -> None:
        self._audio = audio
        self._layout = LAYOUTS[audio.channels]
        self._resampler = AudioResampler("s16", self._layout, rate)
        self._aac = _open_aac(audio) if audio.codec is Codec.AAC else None
        self._samples = 0

    def decode(self, data: bytes) -> bytes:
        """What a packet sounds like; nothing for one that cannot be decoded."""
        try:
            frames = self._aac.decode(av.Packet(data)) if self._aac else [self._make_frame(data)]
        except av.FFmpegError:
            return b""
        return b"".join(self._convert(frame) for frame in frames)

    def _convert(self, frame: av.AudioFrame) -> bytes:
        frame.pts = None
        return b"".join(_read(part) for part in self._resampler.resample(frame))

    def _make_frame(self, data: bytes) -> av.AudioFrame:
        samples = len(data) // (SAMPLE_BYTES * self._audio.channels)
        frame = av.AudioFrame(format="s16", layout=self._layout, samples=samples)
        frame.sample_rate = self._audio.sample_rate
        frame.time_base = Fraction(1, self._audio.sample_rate)
        frame.planes[0].update(data)
        return frame


def _open_aac(audio: AudioFormat) -> AudioCodecContext:
    decoder = AudioCodecContext.create("aac", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.extradata = audio.extradata
    return decoder


def _read(frame: av.AudioFrame) -> bytes:
    return frame.to_ndarray().tobytes()
