"""Recordings taken apart again, unit by unit."""

from pathlib import Path

import av

from tests.fault_campaign.footage import PCM_BYTES
from tests.readback import read_video
from v380cli.wire.commands import FrameType

IMA_PCM_BYTES = 1010


def read_pictures(path: Path) -> list[list[bytes]]:
    """The NAL units of each picture."""
    return read_video(path)


def read_sound(path: Path, sound: FrameType) -> list[bytes] | None:
    """The sound, cut as the camera sent it; None where the container holds it in another form."""
    with av.open(path) as source:
        if not source.streams.audio:
            return []
        stream = source.streams.audio[0]
        packets = [bytes(packet) for packet in source.demux(stream) if _is_sound(packet)]
        codec = stream.codec_context.name
    if sound is FrameType.AAC_ADTS:
        return packets if codec == "aac" and path.suffix != ".ts" else None
    if codec != "pcm_s16le":
        return None
    size = IMA_PCM_BYTES if sound is FrameType.IMA_ADPCM else PCM_BYTES
    data = b"".join(packets)
    return [data[start : start + size] for start in range(0, len(data), size)]


def _is_sound(packet: "av.Packet[av.AudioStream]") -> bool:
    """Whether it came from the camera: a file may begin with silence before time zero."""
    return packet.size > 0 and (packet.pts or 0) >= 0
