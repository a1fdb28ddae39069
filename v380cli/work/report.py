"""What to attach to a bug report: a visit to a camera, without a person in it."""

import io
import json
import platform
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from v380cli import __version__
from v380cli.explain.capture_file import CaptureReader
from v380cli.explain.explainer import Event, Explainer
from v380cli.models import Device
from v380cli.redaction import Redactor
from v380cli.work.packet_file import PacketFile
from v380cli.work.tapping import Tap
from v380cli.work.visit import Visited, Visitor

PACKAGES = ("av", "cryptography", "scapy", "typer")
MAX_SESSION_BYTES = 32 << 20
FIRST_DATE = (2020, 1, 1, 0, 0, 0)  # of the files in a ZIP: when it was made is nobody's business


class Reporter:
    """Visits a camera and keeps what it said, redacted; `session` are the packets.

    `stop` may come from a signal handler.
    """

    def __init__(self, device: Device, redactor: Redactor) -> None:
        self.session = b""
        self.events: list[Event] = []
        self._device, self._redactor = device, redactor
        self._visitor: Visitor | None = None

    def stop(self) -> None:
        """Ask for an early end."""
        if self._visitor:
            self._visitor.interrupt.request()

    def run(self, live_s: float) -> Visited:
        """Visit the camera; no V380Error of the camera's is raised. Raises StorageError."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "session.pcapng"
            file = PacketFile(
                path, self._redactor, ports=[self._device.port], max_bytes=MAX_SESSION_BYTES
            )
            with file:
                self._visitor = Visitor(self._device, Tap(file.take).open_channel)
                visited = self._visitor.visit(live_s)
            self.session = path.read_bytes()
        self.events = self._explain()
        return visited

    def _explain(self) -> list[Event]:
        """What is in the session, told by a redactor that never saw the camera."""
        explainer = Explainer(Redactor(), ports=[self._device.port])
        return list(explainer.explain(CaptureReader(io.BytesIO(self.session)).read_packets()))


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


def make_summary(info: dict[str, Any], visited: Visited, events: list[Event]) -> str:
    """Markdown to paste into an issue; everything in it is redacted already."""
    system = describe_platform()
    problems = [problem for event in events for problem in event.problems]
    streams = [event for event in events if event.message.endswith(" stream")]
    lines = [
        "### Camera",
        "",
        *(f"- {name}: {_shorten(info.get(name))}" for name in ("login", "versions", "abilities")),
        f"- error: {_shorten(info.get('error'))}",
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
