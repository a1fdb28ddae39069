"""`v380 stream -o`: a stream into standard output, a FIFO or a new file."""

from dataclasses import replace
from pathlib import Path

from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.commands.stream._formats import ENDINGS, StreamFormat
from v380cli.commands.stream._plan import StreamPlan
from v380cli.commands.stream._result import StreamResult, make_result
from v380cli.commands.stream._running import run_recorder
from v380cli.errors import InvalidInput
from v380cli.models import Device
from v380cli.sinks.elementary import ElementarySink
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.pipe import PipeSink
from v380cli.work.user_files import STANDARD_STREAM, open_output


def choose_output(output: str, *, json: bool) -> str:
    """Where to write: standard output if nothing is said, unless it is a terminal or has JSON."""
    if not output and _console.is_terminal():
        raise InvalidInput(
            "a terminal cannot take a video stream",
            hint="pipe it: v380 stream CAMERA | mpv -    or use -o FILE, --to URL or --serve :8080",
        )
    output = output or str(STANDARD_STREAM)
    if output == str(STANDARD_STREAM) and json:
        raise InvalidInput("standard output cannot hold the stream and a JSON document")
    return output


def write_stream(
    device: Device, plan: StreamPlan, output: str, stream_format: StreamFormat
) -> Result:
    """Stream until the end, a signal, or until the reader goes away, which is not a failure."""
    if stream_format is StreamFormat.ANNEXB:
        plan = replace(plan, audio=False)  # it has no place there: nobody waits for it
    with open_output(Path(output)) as descriptor:
        sink = make_sink(descriptor, output, stream_format)
        recorder = plan.make_recorder(device, sink)
        recording, exit_code = run_recorder(recorder, interrupt=sink.interrupt)
    result = StreamResult(
        recording=recording,
        to=output,
        video_packets=sink.video_packets,
        audio_packets=sink.audio_packets,
        seconds=recorder.duration_s,
        error=None if sink.is_broken else recording.error,
    )
    return make_result(result, exit_code)


def find_format(output: str) -> StreamFormat:
    """The format that a file is named after, or else MPEG-TS."""
    ending = Path(output).suffix.lower()
    if ending == ".mp4":
        raise InvalidInput(
            "a stream cannot be MP4", hint="`v380 record` writes MP4; here: .ts, .mkv, .h264"
        )
    return ENDINGS.get(ending, StreamFormat.TS)


def make_sink(
    descriptor: int, output: str, stream_format: StreamFormat
) -> PipeSink | ElementarySink:
    """A sink for a descriptor that the caller closes."""
    name = "standard output" if output == str(STANDARD_STREAM) else output
    if stream_format is StreamFormat.ANNEXB:
        return ElementarySink(descriptor, name)
    return PipeSink(descriptor, name, ContainerFormat(stream_format))
