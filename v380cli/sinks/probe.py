"""What is in a media file, read back from the file itself."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from v380cli.errors import MediaError


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """A file's contents; sizes in pixels, duration in seconds, empty codec names for no track.

    `creation_time` is when its first picture was taken, None where the container does not say.
    """

    container: str
    duration_s: float
    video_codec: str
    width: int
    height: int
    video_packets: int
    audio_codec: str
    sample_rate: int
    audio_packets: int
    creation_time: dt.datetime | None


class Readable(NamedTuple):
    """What is in a file; `duration_s` reaches to the end of the last picture."""

    duration_s: float
    video_packets: int
    audio_packets: int


def probe_file(path: Path) -> MediaInfo:
    """Open `path`, decode its first picture and count its packets; MediaError if that fails."""
    import av

    try:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            audio = container.streams.audio[0] if container.streams.audio else None
            picture = next(container.decode(video))
            container.seek(0)
            counts = {stream.index: 0 for stream in container.streams}
            for packet in container.demux():
                counts[packet.stream.index] += packet.size > 0
            return MediaInfo(
                container=container.format.name,
                duration_s=(container.duration or 0) / av.time_base,
                video_codec=video.codec_context.name,
                width=picture.width,
                height=picture.height,
                video_packets=counts[video.index],
                audio_codec=audio.codec_context.name if audio else "",
                sample_rate=audio.codec_context.sample_rate if audio else 0,
                audio_packets=counts[audio.index] if audio else 0,
                creation_time=_parse_time(container.metadata.get("creation_time", "")),
            )
    except (av.FFmpegError, IndexError, StopIteration) as error:
        raise MediaError(f"{path} cannot be read back: {error}") from None


def count_readable(path: Path) -> Readable:
    """What can be read back from a file that was cut short; nothing from what is not one."""
    import av

    times: list[float] = []
    audio_packets = 0
    try:
        with av.open(str(path)) as container:
            for packet in container.demux():
                if not packet.size or packet.is_corrupt:
                    continue
                if packet.stream.type == "video":
                    times.append(float((packet.pts or 0) * (packet.time_base or 0)))
                else:
                    audio_packets += 1
    except av.FFmpegError:
        pass  # what came before it counts
    last_frame_s = times[-1] - times[-2] if len(times) > 1 else 0.0
    duration_s = times[-1] + last_frame_s - times[0] if times else 0.0
    return Readable(duration_s, len(times), audio_packets)


def _parse_time(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
