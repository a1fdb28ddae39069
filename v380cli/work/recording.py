"""From devices and a plan to running recorders, their files and results."""

import datetime as dt
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from v380cli.camera.fleet import TICK_S, Fleet
from v380cli.camera.incidents import Incident
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.disk import is_device
from v380cli.errors import InvalidInput, V380Error
from v380cli.models import Device, Quality, RecordedFile
from v380cli.net.service_manager import ServiceManager
from v380cli.sinks.background_sync import SYNC_S
from v380cli.sinks.formats import ContainerFormat
from v380cli.sinks.naming import advise_apart, is_folder, name_file, plan_path
from v380cli.sinks.segmented import FileListener, SegmentedSink
from v380cli.work import metrics
from v380cli.work.aftercare import Aftercare, CarePlan, Heard
from v380cli.work.health import Patient, ServiceReport
from v380cli.work.hooks import Hook
from v380cli.work.recording_result import CameraResult
from v380cli.work.retention import Retention
from v380cli.work.roster import Roster
from v380cli.work.sharing import offer_controls
from v380cli.work.targets import reach

# Recorders hand the interpreter on at every read and write; to be made to more often than that
# took 64 cameras from 18 to 25 % of a core.
SWITCH_INTERVAL_S = 0.05

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RecordPlan:
    """What the options of `record` ask for; durations in seconds.

    Without a `container` it is the one that the output is named after, or else MP4.
    """

    output: str | None = None
    container: ContainerFormat | None = None
    quality: Quality | None = None
    audio: bool = True
    duration_s: float = float("inf")
    segment_s: float | None = None
    sync_s: float = SYNC_S
    reconnect: bool = True
    wait: bool = False
    max_gap_s: float = float("inf")
    max_file_bytes: float = float("inf")
    retention: Retention = field(default_factory=Retention)
    hook: Hook | None = None

    @property
    def care(self) -> CarePlan:
        """What becomes of the files."""
        output = str(Path(self.output or ".").absolute())
        return CarePlan(output=output, retention=self.retention, hook=self.hook)


class RecordJob:
    """Recorders for some devices, each with files of its own.

    InvalidInput for an output that cannot be meant. `tell` gets a sentence for a person about what
    fails beside the recordings. By any thread `hear_file` is told of each finished file, and
    `hear_state` and `hear_incident` of what recorders are at.
    """

    def __init__(
        self,
        devices: Sequence[Device],
        plan: RecordPlan,
        tell: Callable[[str], None] = log.warning,
    ) -> None:
        self._plan, self._tell = plan, tell
        self._container = _choose_container(plan)
        _check_output(devices, plan, self._container)
        self.hear_file: Heard = _hear_nothing
        self.hear_state: Callable[[Recorder], None] = _hear_nothing
        self.hear_incident: Callable[[Incident], None] = _hear_nothing
        self._aftercare = Aftercare(plan.care, tell)
        self._sinks: list[SegmentedSink] = []
        self._patients: list[Patient] = []
        self.recorders: list[Recorder] = []
        self._roster = Roster()
        for device in devices:
            self._take_on(device, wait=plan.wait or len(devices) > 1)
        self._service = ServiceManager()
        self._report = ServiceReport(self._service)
        self._fleet = Fleet(self.recorders, around=offer_controls)

    def _take_on(self, device: Device, *, wait: bool) -> Recorder:
        interrupt = Interrupt()
        listener = self._aftercare.watch(device, self._pass_file_on)
        sink = _make_sink(device, self._plan, self._container, listener)
        recorder = Recorder(
            reach(device, interrupt),
            sink,
            _make_options(device, self._plan, wait=wait),
            open_lens=sink.open_lens,
        )
        recorder.on_state = partial(self._pass_state_on, recorder)
        recorder.listen_to(self._pass_incident_on)
        self._sinks.append(sink)
        self._patients.append(Patient(recorder, interrupt))
        self.recorders.append(recorder)
        self._roster.note(device, recorder)
        return recorder

    def reload(self, find_devices: Callable[[], Sequence[Device]]) -> None:
        """Have cameras that are new join and those that are gone leave; safe in a signal handler.

        One whose name, address, log-in, stream or road is another by now leaves and joins again.
        `find_devices` is called soon afterwards, by the thread of `run`. What fails is told, and
        all goes on as it was.
        """
        self._fleet.call(partial(self._reload, find_devices))

    def _reload(self, find_devices: Callable[[], Sequence[Device]]) -> None:
        try:
            devices = find_devices()
            _check_output(devices, self._plan, self._container)
        except V380Error as error:
            self._tell(f"the cameras stay as they are: {error.message}")
            return
        changes = self._roster.compare(devices)
        for recorder in changes.leaving:
            recorder.stop()
        for recorder, device in changes.changed:
            self._fleet.replace(recorder, self._take_on(device, wait=True))
        for device in changes.joining:
            self._fleet.add(self._take_on(device, wait=True))

    def render_metrics(self) -> bytes:
        """How the cameras do, as Prometheus reads it; for any thread."""
        folder = metrics.find_folder(self._plan.care.output)
        return metrics.render(metrics.read_all([*self.recorders]), folder)

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._fleet.stop()

    def call(self, task: Callable[[], None]) -> None:
        """Have it done by the thread of `run`, soon; no more once that has returned."""
        self._fleet.call(task)

    def run(self, on_tick: Callable[[], None] | None = None) -> list[CameraResult]:
        """Record to the end, with a tick twice a second for whom it is given."""
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        with self._aftercare:
            recordings = self._run_fleet(on_tick)
            self._service.tell_stopping()
        return [
            CameraResult(_add_unplaced(recording, sink), sink.files)
            for recording, sink in zip(recordings, self._sinks, strict=True)
        ]

    def _run_fleet(self, on_tick: Callable[[], None] | None) -> list[Recording]:
        """Signs of life need a tick; a display needs more of them."""
        if not self._service.is_there:
            return self._fleet.run(on_tick)

        def tick() -> None:
            self._tell_service()
            if on_tick:
                on_tick()

        self._tell_service()
        return self._fleet.run(tick, TICK_S if on_tick else self._report.period_s)

    def _tell_service(self) -> None:
        self._report.tick(self._patients)

    def _pass_state_on(self, recorder: Recorder) -> None:
        self.hear_state(recorder)
        if self._service.is_there:
            self.call(self._tell_service)

    def _pass_incident_on(self, incident: Incident) -> None:
        self.hear_incident(incident)

    def _pass_file_on(self, device: Device, file: RecordedFile) -> None:
        self.hear_file(device, file)


def _hear_nothing(*_: object) -> None:
    pass


def _add_unplaced(recording: Recording, sink: SegmentedSink) -> Recording:
    """With what came from the camera and had no place on the disk."""
    return replace(
        recording,
        dropped_frames=recording.dropped_frames + sink.dropped_frames,
        unusable_audio=recording.unusable_audio + sink.unplaced_audio,
    )


def _make_options(device: Device, plan: RecordPlan, *, wait: bool) -> RecordOptions:
    return RecordOptions(
        quality=plan.quality or device.quality or Quality.HD,
        audio=plan.audio,
        duration_s=plan.duration_s,
        reconnect=plan.reconnect,
        wait=wait,
    )


def _choose_container(plan: RecordPlan) -> ContainerFormat:
    output = plan.output or ""
    if output == "-" or is_device(Path(output)):
        raise InvalidInput(
            f"a recording is a file, and {output} is not one",
            hint="`v380 stream CAMERA -o -` writes MPEG-TS to standard output or into a pipe",
        )
    named = _find_container(output)
    ending = Path(output).suffix
    if ending and not named and not plan.container and not is_folder(output):
        raise InvalidInput(
            f"no container of a recording is named {ending}",
            hint="name it .mp4, .mkv or .ts, or say --format",
        )
    if named and plan.container not in (None, named):
        raise InvalidInput(f"the output is named .{named}, but the format is {plan.container}")
    return plan.container or named or ContainerFormat.MP4


def _find_container(output: str) -> ContainerFormat | None:
    """The container that a file is named after; None for a folder and for other endings."""
    ending = Path(output).suffix[1:].lower()
    is_known = ending in list(ContainerFormat) and not is_folder(output)
    return ContainerFormat(ending) if is_known else None


def _check_output(devices: Sequence[Device], plan: RecordPlan, container: ContainerFormat) -> None:
    """Raise InvalidInput for a template that is wrong or gives two devices the same file."""
    now = _read_clock()
    files = {
        name_file(plan.output, device.label, now, container, device.device_id) for device in devices
    }
    if len(files) < len(devices):
        raise InvalidInput(
            "several cameras would be written to the same file",
            hint=advise_apart(plan.output),
        )


def _make_sink(
    device: Device, plan: RecordPlan, container: ContainerFormat, listener: FileListener
) -> SegmentedSink:
    def plan_next_path(start: dt.datetime) -> Path:
        return plan_path(plan.output, device.label, start, container, device.device_id)

    return SegmentedSink(
        plan_next_path,
        container,
        _read_clock,
        plan.segment_s,
        plan.sync_s,
        max_bytes=plan.max_file_bytes,
        listener=listener,
    )


def _read_clock() -> dt.datetime:
    return dt.datetime.now().astimezone()
