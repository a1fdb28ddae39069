"""Streams for a muxer to copy: what FFmpeg has to know of a codec, without opening an encoder."""

import io
import struct

import av
from av.container import InputContainer

from v380cli.errors import DamagedMedia
from v380cli.media.sink import AudioFormat, Codec

# WAVEFORMATEX: tag, channels, rate, bytes per second, block, bits, size of what follows.
_WAVE_FORMAT = struct.Struct("<HHIIHHH")
_WAVE_RAW_AAC = 0x00FF


def open_video_template(codec: Codec, keyframe: bytes) -> InputContainer:
    """A container with the stream of this keyframe; DamagedMedia if there is no picture in it."""
    template = _open(keyframe, str(codec))
    if not template.streams.video[0].codec_context.width:
        template.close()
        raise DamagedMedia(f"the picture is not a whole {codec} keyframe with its parameter sets")
    return template


def open_aac_template(audio: AudioFormat) -> InputContainer:
    """A container with a stream of raw AAC that has this AudioSpecificConfig.

    WAV is the smallest container that can carry one; ADTS would lose it on the way.
    """
    config = audio.extradata
    rate = audio.sample_rate
    wave = _WAVE_FORMAT.pack(_WAVE_RAW_AAC, audio.channels, rate, rate, 1, 16, len(config)) + config
    chunks = b"WAVE" + _make_chunk(b"fmt ", wave) + _make_chunk(b"data", bytes(8))
    return _open(_make_chunk(b"RIFF", chunks), "wav")


def _open(data: bytes, file_format: str) -> InputContainer:
    try:
        return av.open(io.BytesIO(data), "r", format=file_format)
    except av.FFmpegError as error:
        raise DamagedMedia(f"the picture is not {file_format} that FFmpeg can read") from error


def _make_chunk(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)
