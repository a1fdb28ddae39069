"""A password is nowhere to be seen: not in argv, output, log, JSON, traceback or written files."""

import ast
import base64
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.cli import (
    list_children,
    make_environment,
    parse_command_names,
    read_help,
)
from tests.commands.recording_lab import add_to_list
from tests.warm import COLD_V380
from v380cli.models import Device, Secret
from v380cli.simulator.camera import VARIANTS, CameraSpec
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.server import Simulator

PACKAGE = Path(__file__).parents[1] / "v380cli"
PASSWORD = "Sesame-4711"  # 11 bytes: the oldest log-in has room for 16
SPELLINGS = {
    "plain": PASSWORD.encode(),
    "utf-16": PASSWORD.encode("utf-16-le"),
    "hex": PASSWORD.encode().hex().encode(),
    "hex dump": PASSWORD.encode().hex(" ").encode(),
    "base64": base64.b64encode(PASSWORD.encode()).rstrip(b"="),
}
DEVICE_ID = 12345678
TIMEOUT_S = 60.0
SAMPLE_S = 0.2


@dataclass
class Onlooker:
    """Runs commands and keeps all that others could see of them, in files under `folder`."""

    folder: Path
    data_dir: Path
    argv: set[str] = field(default_factory=set)

    def run(
        self,
        *command: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Run to the end, looking at the process list meanwhile; returns the exit code."""
        number = len(list(self.folder.glob("*.stdout")))
        deadline = time.monotonic() + TIMEOUT_S
        with (
            (self.folder / f"{number}.stdout").open("wb") as stdout,
            (self.folder / f"{number}.stderr").open("wb") as stderr,
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                env=make_environment(self.data_dir, env),
                cwd=self.folder,
            ) as process,
        ):
            assert process.stdin
            process.stdin.write(stdin.encode())
            process.stdin.close()
            while process.poll() is None:
                self.argv.update(list_children())
                if time.monotonic() > deadline:
                    process.kill()
                wait_for_end(process)
        return process.returncode

    def v380(self, *args: str, stdin: str = "", env: Mapping[str, str] | None = None) -> int:
        """`run` of `v380 -vv --log-file v380.log ARGS`."""
        return self.run(*COLD_V380, "-vv", "--log-file", "v380.log", *args, stdin=stdin, env=env)

    def read_all(self) -> dict[str, bytes]:
        """All that was seen, by the place where it was."""
        seen = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        return {**seen, "argv": "\n".join(self.argv).encode()}

    def list_leaks(self) -> list[str]:
        """The places where the password can be read, and in which spelling."""
        return [
            f"{place}: {spelling}"
            for place, content in self.read_all().items()
            for spelling, needle in SPELLINGS.items()
            if needle in content
        ]


def wait_for_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(SAMPLE_S)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture
def onlooker(tmp_path: Path, data_dir: Path) -> Onlooker:
    folder = tmp_path / "seen"
    folder.mkdir()
    return Onlooker(folder, data_dir)


def make_camera(*faults: str, variant: str = "today") -> CameraSpec:
    """A small camera with the password."""
    return CameraSpec(
        device_id=DEVICE_ID,
        password=Secret(PASSWORD),
        accepts=VARIANTS[variant].accepts,
        device_version=VARIANTS[variant].device_version,
        width=320,
        height=240,
        gop_s=0.5,
        loop_s=1.0,
        faults=tuple(parse_fault(fault) for fault in faults),
    )


def add_camera(port: int, *, password: str = PASSWORD) -> None:
    """Put the camera at `port` into the device list as `porch`."""
    known = Device(name="porch", device_id=DEVICE_ID, host="127.0.0.1", port=port)
    add_to_list(replace(known, password=Secret(password)))


def record(onlooker: Onlooker, *options: str, stdin: str = "") -> int:
    """Record the camera `porch` for a second."""
    arguments = ["--duration", "1", "--output", "porch.mp4", "--no-reconnect", *options]
    return onlooker.v380("record", "porch", *arguments, stdin=stdin)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_leak_is_found(onlooker: Onlooker, spelling: str) -> None:
    write = "import sys; sys.stdout.buffer.write(b'<' + sys.stdin.buffer.read() + b'>')"
    onlooker.run(sys.executable, "-c", write, stdin=SPELLINGS[spelling].decode())
    assert f"0.stdout: {spelling}" in onlooker.list_leaks()


def test_a_leak_in_argv_is_found(onlooker: Onlooker) -> None:
    onlooker.run(sys.executable, "-c", "import time; time.sleep(0.5)", PASSWORD)
    assert onlooker.list_leaks() == ["argv: plain"]


def test_the_device_list_keeps_it_to_itself(onlooker: Onlooker) -> None:
    add = ["devices", "add", "porch", "--id", str(DEVICE_ID), "--password-stdin", "--no-check"]
    assert onlooker.v380(*add, stdin=f"{PASSWORD}\n") == 0
    assert onlooker.v380(*add, stdin=f"{PASSWORD}\n") != 0, "the name is taken"
    for command in (["list"], ["show", "porch"]):
        assert onlooker.v380("devices", *command) == 0
        assert onlooker.v380("devices", *command, "--json") == 0
    for file in ("-", "list.json", "list.csv"):
        assert onlooker.v380("devices", "export", file) == 0
    assert onlooker.list_leaks() == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_recording_does_not_show_it(onlooker: Onlooker, variant: str) -> None:
    with Simulator([make_camera(variant=variant)]) as simulator:
        add_camera(simulator.cameras[0].port)
        assert record(onlooker, "--json") == 0
    assert "porch.mp4" in onlooker.read_all()
    assert onlooker.list_leaks() == []


def test_a_password_given_for_one_run_is_not_shown(onlooker: Onlooker) -> None:
    with Simulator([make_camera()]) as simulator:
        add_camera(simulator.cameras[0].port, password="")
        assert record(onlooker, "--jsonl", "--password-stdin", stdin=f"{PASSWORD}\n") == 0
        assert (
            onlooker.v380(
                *["record", "porch", "--duration", "1", "--output", "two.mp4"],
                env={"V380_PASSWORD": PASSWORD},
            )
            == 0
        )
    assert onlooker.list_leaks() == []


def test_a_simulator_does_not_show_its_own(onlooker: Onlooker) -> None:
    options = ["--port", "0", "--duration", "1s", "--size", "320x240", "--json"]
    assert onlooker.v380("simulate", *options, "--password-stdin", stdin=f"{PASSWORD}\n") == 0
    assert onlooker.list_leaks() == []


def list_help_pages(*command: str) -> Iterator[str]:
    """The help of a command and of all commands below it."""
    page = read_help(*command)
    yield page
    for name in parse_command_names(page):
        yield from list_help_pages(*command, name)


def test_no_command_takes_a_password_as_an_argument() -> None:
    pages = list(list_help_pages())
    assert len(pages) > 10
    assert re.findall(r"--(?:password|psk)\b(?!-stdin)", "\n".join(pages)) == []


FAILURES = {
    "wrong-password": 5,
    "wrong-user": 5,
    "wrong-id": 7,
    "unsupported": 6,
    "busy": 7,
    "hang-up@frame:5": 4,
    "reset@frame:5": 4,
    "garbage@frame:5": 0,
    "codec-change@frame:5": 0,
}


@pytest.mark.parametrize(("fault", "exit_code"), FAILURES.items())
def test_a_failure_does_not_tell_it(onlooker: Onlooker, fault: str, exit_code: int) -> None:
    with Simulator([make_camera(fault)]) as simulator:
        add_camera(simulator.cameras[0].port)
        assert record(onlooker, "--json") == exit_code
    assert onlooker.list_leaks() == []


CRASH = """
import sys
from v380cli.app import main
from v380cli.net.stream import TcpChannel

def crash(self, request):
    raise RuntimeError("on purpose")

TcpChannel.send = crash
sys.argv[0] = "v380"
main()
"""


def test_a_traceback_does_not_tell_it(onlooker: Onlooker) -> None:
    with Simulator([make_camera()]) as simulator:
        add_camera(simulator.cameras[0].port)
        command = [sys.executable, "-c", CRASH, "-vv", "--log-file", "v380.log"]
        assert onlooker.run(*command, "record", "porch", "--duration", "1") == 1
    assert b"Traceback" in onlooker.read_all()["v380.log"]
    assert onlooker.list_leaks() == []


SECRET_WORDS = ("password", "psk", "passphrase")


def find_secret_fields() -> Iterator[tuple[str, str]]:
    """File and line of each annotated class field that is named like a secret, and its source."""
    for source in sorted(PACKAGE.rglob("*.py")):
        for holder in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            for node in holder.body if isinstance(holder, ast.ClassDef) else []:
                match node:
                    case ast.AnnAssign(target=ast.Name(id=name)) if name.endswith(SECRET_WORDS):
                        yield f"{source.relative_to(PACKAGE)}:{node.lineno}", ast.unparse(node)


def test_fields_with_a_password_do_not_show_it_in_a_repr() -> None:
    shapes = "commands/help/shapes/"  # types of what is printed, without objects
    fields = {place: code for place, code in find_secret_fields() if not place.startswith(shapes)}
    assert any(place.startswith("models.py") for place in fields)
    shown = re.compile(r": .*\b(str|bytes)\b(?!.*repr=False)")
    assert [place for place, code in fields.items() if shown.search(code)] == []
