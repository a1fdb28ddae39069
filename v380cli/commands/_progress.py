"""How a running recording is shown: to a person, as one document, or as a line per event."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol, Self

from v380cli.camera.incidents import Incident
from v380cli.camera.recorder import Recorder
from v380cli.commands import _console
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.models import Device, RecordedFile
from v380cli.text import format_clock, format_count, format_size
from v380cli.work.recording import RecordJob, RecordPlan
from v380cli.work.recording_result import CameraResult, find_error, format_file

PROGRESS_COLUMNS = ("camera", "state", "elapsed", "rate", "frames", "dropped", "reconnects")
RESULT_COLUMNS = ("file", "duration", "video", "sound", "size", "codec")


class Reporter(Protocol):
    """A context that is told of the results, and of every tick where it is live."""

    @property
    def is_live(self) -> bool: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def tick(self) -> None: ...

    def print_results(self, results: Sequence[CameraResult]) -> None: ...


def run_reported(
    job: RecordJob,
    plan: RecordPlan,
    *,
    json_: bool,
    jsonl: bool = False,
    reload: Callable[[], None] | None = None,
) -> tuple[list[CameraResult], Result]:
    """Record to the end and show it on the way; each camera's result, and that of all.

    `reload` is called on HUP where there is no terminal.
    """
    reporter = _choose_reporter(job, json_=json_, jsonl=jsonl)
    if plan.duration_s == float("inf"):
        tell_how_to_stop()
    with stop_on_signals(job.stop, reload) as caught, reporter:
        results = job.run(reporter.tick if reporter.is_live else None)
        reporter.tick()
    error = find_error(results, plan.max_gap_s)
    return results, Result(
        show=partial(reporter.print_results, results),
        error=error,
        is_empty=not any(result.files for result in results),
        exit_code=caught.exit_code,
        note=f"v380: {error.message}" if error else "",
    )


def _choose_reporter(job: RecordJob, *, json_: bool, jsonl: bool) -> Reporter:
    if jsonl:
        return LineReporter(job)
    if json_:
        return DocumentReporter()
    return PersonReporter(job)


class DocumentReporter:
    """Says nothing until the end, then one document."""

    is_live = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def tick(self) -> None:
        pass

    def print_results(self, results: Sequence[CameraResult]) -> None:
        _console.print_json([result.to_json() for result in results])


class LineReporter(DocumentReporter):
    """A line for each state, incident and file of a camera, and one per camera with its result."""

    def __init__(self, job: RecordJob) -> None:
        self._job = job
        self._lines: SimpleQueue[dict[str, Any]] = SimpleQueue()
        job.hear_state = lambda recorder: self._put(_describe_state(recorder))
        job.hear_incident = lambda incident: self._put(_describe_incident(incident))
        job.hear_file = lambda device, file: self._put(_describe_file(device, file))

    def _put(self, line: dict[str, Any]) -> None:
        """Have it printed by the thread that may wait for a slow reader."""
        self._lines.put(line)
        self._job.call(self.tick)

    def tick(self) -> None:
        while not self._lines.empty():
            _console.print_json_line(self._lines.get())

    def print_results(self, results: Sequence[CameraResult]) -> None:
        for result in results:
            _console.print_json_line({"event": "result", **result.to_json()})


class PersonReporter:
    """A live table on stderr while it runs, if that is a terminal; then the files on stdout."""

    def __init__(self, job: RecordJob) -> None:
        self._recorders = job.recorders
        self._rates: defaultdict[Recorder, BitRate] = defaultdict(BitRate)
        self._table = _console.LiveTable(PROGRESS_COLUMNS)

    def __enter__(self) -> Self:
        self._table.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._table.__exit__()

    @property
    def is_live(self) -> bool:
        return self._table.is_shown

    def tick(self) -> None:
        self._table.update(
            _format_progress(recorder, self._rates[recorder]) for recorder in self._recorders
        )

    def print_results(self, results: Sequence[CameraResult]) -> None:
        rows = [
            (
                file.path,
                format_clock(file.duration_s),
                f"{file.video_packets} frames",
                f"{file.audio_packets} packets" if file.audio_packets else "none",
                format_size(file.size_bytes),
                file.codec,
            )
            for result in results
            for file in result.files
        ]
        if rows:
            _console.print_table(RESULT_COLUMNS, rows)
        for result in results:
            if left_out := result.files.left_out:
                _console.talk(f"{result.recording.device.label}: and {left_out} files before these")
            _talk_losses(result)


class BitRate:
    """Bits per second since the last look."""

    def __init__(self) -> None:
        self._bytes, self._time_s = 0, time.monotonic()

    def measure(self, bytes_received: int) -> float:
        now_s = time.monotonic()
        rate = (bytes_received - self._bytes) * 8 / max(now_s - self._time_s, 0.001)
        self._bytes, self._time_s = bytes_received, now_s
        return rate


def _describe_state(recorder: Recorder) -> dict[str, Any]:
    return {
        "event": "state",
        "device": recorder.device.label,
        "state": recorder.state,
        "reason": recorder.reason,
        "duration_s": round(recorder.duration_s, 3),
        "reconnects": recorder.reconnects,
        "dropped_frames": recorder.dropped_frames,
        "bytes_received": recorder.bytes_received,
    }


def _describe_file(device: Device, file: RecordedFile) -> dict[str, Any]:
    return {"event": "file", "device": device.label, **format_file(file)}


def _describe_incident(incident: Incident) -> dict[str, Any]:
    return {
        "event": incident.kind,
        "device": incident.device.label,
        "time": incident.time,
        "reason": incident.reason,
        "retry_s": incident.retry_s,
        "duration_s": incident.duration_s,
    }


def _format_progress(recorder: Recorder, rate: BitRate) -> tuple[str, ...]:
    return (
        recorder.device.label,
        ": ".join(filter(None, [recorder.state, recorder.reason])),
        format_clock(recorder.duration_s),
        f"{rate.measure(recorder.bytes_received) / 1e6:.2f} Mbit/s",
        str(recorder.video_frames),
        str(recorder.dropped_frames),
        str(recorder.reconnects),
    )


def _talk_losses(result: CameraResult) -> None:
    recording = result.recording
    for gap in recording.gaps:
        _console.talk(
            f"{recording.device.label}: {gap.duration_s:.1f} s missing at {gap.start:%H:%M:%S}: "
            f"{gap.reason}"
        )
    if recording.dropped_frames:
        lost = format_count(recording.dropped_frames, "frame")
        _console.talk(f"{recording.device.label}: {lost} lost")
    if recording.unusable_audio:
        left_out = format_count(recording.unusable_audio, "frame")
        _console.talk(f"{recording.device.label}: {left_out} of sound left out")
