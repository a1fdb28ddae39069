"""`v380 stream --to`: a stream to a media server."""

from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.commands.stream._plan import StreamPlan
from v380cli.commands.stream._result import StreamResult, make_result
from v380cli.commands.stream._running import run_recorder
from v380cli.models import Device
from v380cli.sinks.publish import PublishSink
from v380cli.sinks.server import Server


def publish_stream(device: Device, plan: StreamPlan, server: Server) -> Result:
    """Publish until the end or a signal; a server that is not there at first is an error."""
    sink = PublishSink(server, reconnect=plan.reconnect)
    recorder = plan.make_recorder(device, sink)
    _console.talk(f"publishing {device.label} to {server.label}")
    recording, exit_code = run_recorder(recorder, interrupt=sink.interrupt)
    result = StreamResult(
        recording=recording,
        to=server.label,
        video_packets=sink.tally.video_packets,
        audio_packets=sink.tally.audio_packets,
        seconds=recorder.duration_s,
        server_reconnects=sink.tally.reconnects,
        dropped_frames=sink.tally.dropped_frames,
        error=sink.failure or recording.error,
    )
    return make_result(result, exit_code)
