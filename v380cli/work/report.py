"""What to attach to a bug report: what doctor finds, and a visit to a camera, without a person."""

import io
import json
import platform
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from v380cli import __version__
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.wall_clock import CameraZone
from v380cli.explain.capture_file import CaptureReader
from v380cli.explain.explainer import Event, Explainer
from v380cli.explain.lines import format_event
from v380cli.models import Device
from v380cli.net.interfaces import list_interfaces
from v380cli.redaction import Redactor
from v380cli.store import alarm_samples
from v380cli.store.database import find_list_path
from v380cli.text import format_json_value
from v380cli.work.doctor.examining import examine_camera, examine_machine
from v380cli.work.doctor.finding import Finding, State, put_causes_first
from v380cli.work.inspection_document import describe_inspection
from v380cli.work.packet_file import PacketFile
from v380cli.work.tapping import Tap
from v380cli.work.visit import Visited, Visitor

PACKAGES = ("av", "cryptography", "scapy", "typer")
MAX_SESSION_BYTES = 32 << 20
FIRST_DATE = (2020, 1, 1, 0, 0, 0)  # of the files in a ZIP: when it was made is nobody's business


class Reporter:
    """Examines and visits a camera and keeps what it said, redacted; `session` are the packets.

    `stop` may come from a signal handler; the report is of no use then.
    """

    def __init__(self, device: Device, redactor: Redactor) -> None:
        self.session = b""
        self.events: list[Event] = []
        self.findings: list[Finding] = []
        self._device, self._redactor = device, redactor
        self._interrupt = Interrupt()
        self._visitor: Visitor | None = None

    def stop(self) -> None:
        """Ask for an early end."""
        self._interrupt.request()
        if self._visitor:
            self._visitor.interrupt.request()

    def run(self, live_s: float) -> Visited:
        """Examine and visit; no V380Error of the camera's is raised. Raises StorageError."""
        self._examine()
        visited = self._visit(live_s)
        self.events = self._explain()
        return visited

    def _examine(self) -> None:
        _learn_machine(self._redactor)
        findings = [*examine_machine(Path()), *examine_camera(self._device, self._interrupt)]
        self.findings = [self._redact(finding) for finding in put_causes_first(findings)]

    def _visit(self, live_s: float) -> Visited:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "session.pcapng"
            file = PacketFile(
                path, self._redactor, ports=[self._device.port], max_bytes=MAX_SESSION_BYTES
            )
            with file:
                self._visitor = Visitor(self._device, Tap(file.take).open_channel)
                if self._interrupt():
                    self._visitor.interrupt.request()
                visited = self._visitor.visit(live_s)
            self.session = path.read_bytes()
        return visited

    def _redact(self, finding: Finding) -> Finding:
        tell = self._redactor.redact_sentence
        return replace(
            finding,
            message=tell(finding.message),
            hint=tell(finding.hint),
            device=self._redactor.redact_text(finding.device),
        )

    def _explain(self) -> list[Event]:
        """What is in the session, told by a redactor that never saw the camera.

        How media were encrypted does not show there: what is redacted is in clear.
        """
        explainer = Explainer(Redactor(), ports=[self._device.port])
        packets = CaptureReader(io.BytesIO(self.session)).read_packets()
        events = list(explainer.explain(packets))
        for event in events:
            event.fields.pop("encryption", None)
        return events


def _learn_machine(redactor: Redactor) -> None:
    """Know what sentences about this machine may say of its owner."""
    for entry in list_interfaces():
        redactor.replace("interface", entry.name)
        redactor.replace("address", entry.address)
    for folder in (find_list_path().parent, Path.home()):
        redactor.replace("folder", str(folder) if folder.name else "")


def make_texts(
    reporter: Reporter, visited: Visited, redactor: Redactor, gap: str
) -> dict[str, str]:
    """What is in the report by the names of files; `gap` stands between the words of a line."""
    info = redactor.redact(describe_inspection(visited.inspection, CameraZone()))
    lines = [line for event in reporter.events for line in format_event(event, gap=gap)]
    texts = {
        "summary.md": redactor.redact_text(make_summary(info, visited, reporter)),
        "doctor.txt": format_findings(reporter.findings),
        "messages.txt": "\n".join(lines) + "\n",
        "info.json": json.dumps(info, indent=2, default=format_json_value) + "\n",
        "platform.json": json.dumps(describe_platform(), indent=2) + "\n",
    }
    posts = alarm_samples.read_samples()
    return texts | ({alarm_samples.FILE_NAME: posts} if posts else {})


def format_findings(findings: Iterable[Finding]) -> str:
    """A line for each, what to do about it below."""
    lines = []
    for each in findings:
        lines.append(
            f"{each.state:4}  {' '.join(filter(None, (each.device, each.check)))}: {each.message}"
        )
        lines += [f"      {each.hint}"] if each.hint else []
    return "\n".join(lines) + "\n"


def describe_platform() -> dict[str, Any]:
    """What runs here; no name of a machine or a person."""
    return {
        "v380cli": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "packages": {name: _find_version(name) for name in PACKAGES},
    }


def make_zip(texts: dict[str, str], session: bytes) -> bytes:
    """The files of a report in a ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {name: text.encode() for name, text in texts.items()}
        for name, data in {**files, "session.pcapng": session}.items():
            archive.writestr(zipfile.ZipInfo(name, FIRST_DATE), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def make_summary(info: dict[str, Any], visited: Visited, reporter: Reporter) -> str:
    """Markdown to paste into an issue; everything in it is redacted already."""
    events, system = reporter.events, describe_platform()
    stands = [each for each in reporter.findings if each.state in (State.FAIL, State.WARN)]
    problems = [problem for event in events for problem in event.problems]
    streams = [event for event in events if event.message.endswith(" stream")]
    lines = [
        "### Camera",
        "",
        *(f"- {name}: {_shorten(info.get(name))}" for name in ("login", "versions", "abilities")),
        f"- error: {_shorten(info.get('error'))}",
        "",
        "### What doctor says",
        "",
        *(f"- {each.state}: {each.check}: {each.message}" for each in stands),
        f"- {len(reporter.findings) - len(stands)} other checks found nothing in the way",
        "",
        "### What it said",
        "",
        f"- {len(events)} messages and streams; {len(problems)} things that do not fit",
        *(f"- does not fit: {problem}" for problem in problems[:20]),
        *(f"- {event.message}: {_shorten(event.fields)}" for event in streams),
        f"- card: {_describe_card(visited)}",
        "",
        "### Here",
        "",
        f"- v380cli {system['v380cli']}, Python {system['python']}, {system['system']} "
        f"{system['release']} on {system['machine']}",
        f"- {', '.join(f'{name} {number}' for name, number in system['packages'].items())}",
        "",
    ]
    return "\n".join(lines)


def _describe_card(visited: Visited) -> str:
    failed = [type(error).code for what, error in visited.problems if what == "card"]
    if failed:
        return failed[0]
    return "not asked" if visited.recordings is None else f"{visited.recordings} recordings today"


def _shorten(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`" if value else "none"


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
