"""AAC in ADTS frames (ISO/IEC 14496-3, 1.A.2.2; PROTOCOL.md, section 11)."""

from typing import NamedTuple

from v380cli.errors import RemoteProtocolError
from v380cli.media.sink import AudioFormat, Codec

SAMPLES_PER_ACCESS_UNIT = 1024
_SAMPLE_RATES = (
    *(96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050),
    *(16000, 12000, 11025, 8000, 7350),
)
_MONO, _STEREO = 1, 2  # channel_configuration; no camera has more, and 0 would have a table
_HEADER_BYTES, _CRC_BYTES = 7, 2
_LOW_COMPLEXITY = 2  # the object type of all that cameras send


class AdtsFrame(NamedTuple):
    """One raw AAC access unit and what its header says of it."""

    format: AudioFormat
    data: bytes


def split_adts(data: bytes) -> list[AdtsFrame]:
    """Split whole ADTS frames; RemoteProtocolError for anything else, also for a cut frame."""
    frames = []
    offset = 0
    while offset < len(data):
        frame, offset = _parse_frame(data, offset)
        frames.append(frame)
    return frames


def _parse_frame(data: bytes, offset: int) -> tuple[AdtsFrame, int]:
    header = int.from_bytes(data[offset : offset + _HEADER_BYTES])
    is_adts = len(data) - offset >= _HEADER_BYTES and (header >> 40 & 0xFFF6) == 0xFFF0
    payload = offset + _HEADER_BYTES + (0 if header >> 40 & 1 else _CRC_BYTES)
    end = offset + (header >> 13 & 0x1FFF)
    if not is_adts or not payload < end <= len(data):
        raise RemoteProtocolError(f"not an AAC frame at byte {offset} of {len(data)}")
    if header & 3:
        raise RemoteProtocolError("an ADTS frame with several AAC blocks is not known of cameras")
    return AdtsFrame(_parse_format(header), data[payload:end]), end


def _parse_format(header: int) -> AudioFormat:
    object_type = (header >> 38 & 3) + 1
    rate_index, channel_configuration = header >> 34 & 0xF, header >> 30 & 7
    if rate_index >= len(_SAMPLE_RATES) or not _MONO <= channel_configuration <= _STEREO:
        raise RemoteProtocolError("an AAC frame that is neither mono nor stereo at a known rate")
    # AudioSpecificConfig: 5 bits object type, 4 rate index, 4 channel configuration, 3 zero.
    config = object_type << 11 | rate_index << 7 | channel_configuration << 3
    return AudioFormat(
        Codec.AAC,
        _SAMPLE_RATES[rate_index],
        channel_configuration,
        config.to_bytes(2),
    )


def describe_config(config: bytes, sample_rate: int, channels: int) -> AudioFormat:
    """The format that an AudioSpecificConfig tells, else what was told beside it.

    What plays at twice its rate (SBR) is given as what it is without that.
    """
    bits = int.from_bytes(config[:2].ljust(2, b"\0"))
    rate_index, told_channels = bits >> 7 & 0xF, bits >> 3 & 0xF
    is_known = rate_index < len(_SAMPLE_RATES) and _MONO <= told_channels <= _STEREO
    if bits and is_known:
        sample_rate, channels = _SAMPLE_RATES[rate_index], told_channels
    elif sample_rate not in _SAMPLE_RATES:
        raise RemoteProtocolError(f"AAC sound at {sample_rate} Hz is not known of cameras")
    rate_index = _SAMPLE_RATES.index(sample_rate)
    extradata = _LOW_COMPLEXITY << 11 | rate_index << 7 | channels << 3
    return AudioFormat(Codec.AAC, sample_rate, channels, extradata.to_bytes(2))


def encode_adts(audio: AudioFormat, data: bytes) -> bytes:
    """One raw access unit as an ADTS frame, without a checksum."""
    size = _HEADER_BYTES + len(data)
    header = 0xFFF1 << 40 | (_LOW_COMPLEXITY - 1) << 38
    header |= _SAMPLE_RATES.index(audio.sample_rate) << 34 | audio.channels << 30
    header |= size << 13 | 0x7FF << 2
    return header.to_bytes(_HEADER_BYTES) + data
