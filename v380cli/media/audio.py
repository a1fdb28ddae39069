"""A camera's audio frames as the audio that sinks take: PCM s16le or raw AAC."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from v380cli.errors import RemoteProtocolError
from v380cli.media.adts import SAMPLES_PER_ACCESS_UNIT, split_adts
from v380cli.media.g711 import decode_alaw, encode_alaw
from v380cli.media.ima import ImaDecoder, ImaVariantDecoder, encode_ima_block
from v380cli.media.pcm import SAMPLE_BYTES, cut_to_samples
from v380cli.media.sink import AudioFormat, Codec

__all__ = [
    "AudioCoding",
    "AudioDecoder",
    "ImaDecoder",
    "SampleClock",
    "count_samples",
    "decode_alaw",
    "encode_alaw",
    "encode_ima_block",
    "open_audio_decoder",
    "split_adts",
]

TELEPHONE_RATE = 8000  # where the camera does not tell (PROTOCOL.md, sections 4 and 11)
DRIFT_TOLERANCE_MS = 20  # under half a video frame, and above the jitter of stamping


class AudioCoding(StrEnum):
    """What a camera may send; the numbers of PROTOCOL.md, section 2c, are the caller's."""

    PCM16 = "pcm16"
    IMA_ADPCM = "ima_adpcm"
    AAC_ADTS = "aac_adts"
    IMA_VARIANT = "ima_variant"
    ALAW = "alaw"


class AudioDecoder(Protocol):
    """Turns the payloads of one audio stream into packets' data."""

    @property
    def format(self) -> AudioFormat | None:
        """What `decode` returned last; None until the first frame, if only the frames tell."""
        ...

    def decode(self, payload: bytes) -> list[bytes]:
        """Return runs of PCM or AAC access units; RemoteProtocolError for what is neither."""
        ...


def open_audio_decoder(
    coding: AudioCoding, sample_rate: int = 0, channels: int = 0
) -> AudioDecoder:
    """A decoder for one stream of this coding; rate and channels as the camera says, 0 if not.

    AAC tells both itself, and ADPCM is mono.
    """
    mono = AudioFormat(Codec.PCM, sample_rate or TELEPHONE_RATE)
    told = replace(mono, channels=channels or 1)
    match coding:
        case AudioCoding.AAC_ADTS:
            return _AacDecoder()
        case AudioCoding.IMA_ADPCM:
            return _PcmDecoder(mono, ImaDecoder().decode)
        case AudioCoding.IMA_VARIANT:
            return _PcmDecoder(mono, ImaVariantDecoder().decode)
        case AudioCoding.ALAW:
            return _PcmDecoder(told, decode_alaw)
        case AudioCoding.PCM16:
            return _PcmDecoder(told, cut_to_samples)


def count_samples(audio: AudioFormat, data: bytes) -> int:
    """How many samples per channel a packet's data holds."""
    if audio.codec is Codec.AAC:
        return SAMPLES_PER_ACCESS_UNIT
    return len(data) // (2 * audio.channels)


class SampleClock:
    """Stamps audio by counting samples, and keeps to the camera's clock.

    Packets stamped one by one jitter; counted ones join without seams. Where the count is more
    than 20 ms off, the camera's stamp wins: that is a gap, or the two clocks' drift.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._anchor_ms = 0
        self._samples = 0
        self._last_pts_ms = -1

    def stamp(self, pts_ms: int, samples: int) -> int:
        """Return the PTS of a packet of so many samples that the camera's clock puts at `pts_ms`.

        It grows strictly. After a step back of the count, packets may overlap by what it was off.
        """
        counted_ms = self._anchor_ms + self._samples * 1000 // self._sample_rate
        if abs(counted_ms - pts_ms) > DRIFT_TOLERANCE_MS:
            counted_ms = self._anchor_ms = max(pts_ms, self._last_pts_ms + 1)
            self._samples = 0
        self._samples += samples
        self._last_pts_ms = max(counted_ms, self._last_pts_ms + 1)
        return self._last_pts_ms


class _PcmDecoder:
    def __init__(self, audio: AudioFormat, decode: Callable[[bytes], bytes]) -> None:
        self.format = audio
        self._decode = decode

    def decode(self, payload: bytes) -> list[bytes]:
        pcm = self._decode(payload)
        pcm = pcm[: len(pcm) - len(pcm) % (SAMPLE_BYTES * self.format.channels)]
        return [pcm] if pcm else []


class _AacDecoder:
    def __init__(self) -> None:
        self.format: AudioFormat | None = None

    def decode(self, payload: bytes) -> list[bytes]:
        frames = split_adts(payload)
        formats = {frame.format for frame in frames}
        if len(formats) > 1:
            raise RemoteProtocolError("the AAC format changed within a frame of sound")
        self.format = formats.pop() if formats else self.format
        return [frame.data for frame in frames]
