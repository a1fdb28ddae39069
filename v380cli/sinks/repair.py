"""Finish a file that a kill or a power cut left behind: an ordinary one, with an index."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import MediaError, StorageError
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.output_file import OutputFile
from v380cli.sinks.probe import Readable, count_readable

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

MUXERS = {
    ContainerFormat.MP4: "mp4",
    ContainerFormat.MKV: "matroska",
    ContainerFormat.TS: "mpegts",
}


def copy_readable(source: Path, target: Path, container: ContainerFormat) -> Readable:
    """Copy what can be read of `source` into the new file `target`; nothing is transcoded.

    Returns what is in it. Raises MediaError for a source without a picture, StorageError for a
    target that exists or cannot be written; neither leaves a target behind.
    """
    import av

    file = OutputFile(target)
    try:
        with av.open(str(source)) as before:
            metadata = {"creation_time": before.metadata.get("creation_time", "")}
            with av.open(file, "w", format=MUXERS[container]) as after:
                after.metadata.update({key: value for key, value in metadata.items() if value})
                _copy_packets(before, after, _add_streams(before, after))
                after.close()  # writes the index, while the file is open
        file.close()
    except (OSError, av.FFmpegError) as error:
        _give_up(file)
        if file.error is not None:
            raise file.explain(file.error) from None
        raise MediaError(f"nothing can be read from {source}: {error}") from None
    except BaseException:
        _give_up(file)
        raise
    return _check(source, target)


def _add_streams(before: "InputContainer", after: "OutputContainer") -> "dict[int, Stream]":
    streams: dict[int, Stream] = {}
    for stream in before.streams:
        copy = after.add_stream_from_template(stream, opaque=True)
        if stream.codec_context.name == "hevc" and after.format.name == "mp4":
            copy.codec_context.codec_tag = "hvc1"  # as it was
        streams[stream.index] = copy
    return streams


def _copy_packets(
    before: "InputContainer", after: "OutputContainer", streams: "Mapping[int, Stream]"
) -> None:
    """Up to the place where the file breaks off."""
    import av

    packets = before.demux()
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        if packet.size and not packet.is_corrupt:
            packet.stream = streams[packet.stream.index]
            after.mux_one(packet)


def _give_up(file: OutputFile) -> None:
    try:
        file.close()
    except OSError as error:
        file.error = file.error or error
    file.path.unlink(missing_ok=True)


def _check(source: Path, target: Path) -> Readable:
    """What the new file has; it must be what the old one had."""
    had, has = count_readable(source), count_readable(target)
    if has.video_packets and has.video_packets >= had.video_packets:
        return has
    target.unlink(missing_ok=True)
    if not had.video_packets:
        raise MediaError(f"there is no picture in {source}")
    raise StorageError(f"{target} has {has.video_packets} pictures of {had.video_packets}")
