"""What a person waits for most often loads nothing heavy.

Asserted by absent modules: milliseconds differ between machines (see tests/bench/bench_startup.py).
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli import make_environment
from tests.virtual_terminal import start_on_terminal
from v380cli.models import Device
from v380cli.store.database import DeviceRecord, open_device_list

HEAVY = {
    *{"av", "cv2", "numpy", "scapy", "cryptography", "keyring"},
    *{"secrets", "tomllib"},  # hashes and numbers by chance; a device list in TOML
    *{"asyncio", "rich", "pydantic", "netifaces", "ssl", "PIL"},
}
# What a TAB would wait for longer than for its answer.
SLOW = {
    *{"contextlib", "dataclasses", "enum", "inspect", "json", "pathlib", "re", "shlex", "signal"},
    *{"typing", "urllib"},
}
# Of ours, what a list of cameras has no use for.
UNLISTED = {
    *{"commands._passwords", "commands._signals", "commands._target", "store.presets"},
    *{"work.devices.formats", "work.identity", "work.outcome", "work.targets"},
}
# What command lines need of the rooms for their words: choices, limits, parsers of values.
WORDS = {
    *("camera.discover", "camera.prober", "camera.sightings", "camera.wall_clock"),
    *("explain.capture_file", "simulator.scenes"),
    *("media.sink", "sinks.background_sync", "sinks.formats", "sinks.naming", "sinks.output_file"),
    *("sinks.picture_file", "sinks.picture_sink", "sinks.screen.scene", "sinks.server"),
    *("net.datagram", "net.interfaces", "wire.abilities", "wire.commands", "wire.control"),
    *("wire.crypto", "wire.discovery", "wire.layout", "wire.onvif"),
    *("store.config", "store.connection", "store.events", "store.paths", "store.places"),
    *("store.records", "store.schema", "store.unwritable"),
    *("work.devices.formats", "work.export_programs", "work.export_services"),
    *(
        "work.export_streams",
        "work.hooks",
        "work.identity",
        "work.outcome",
        "work.qr",
        "work.sharding",
        "work.stream_names",
    ),
    "work.watch.source",
}
ROOMS = {
    "camera",
    "explain",
    "media",
    "net",
    "simulator",
    "sinks",
    "sources",
    "store",
    "wire",
    "work",
}
PAGES = """
import sys
import typer
from v380cli.app import app
def turn(context):
    context.command.get_help(context)
    for name, child in getattr(context.command, "commands", {}).items():
        turn(typer.Context(child, info_name=name, parent=context))
turn(typer.Context(typer.main.get_command(app), info_name="v380"))
print(*sys.modules)
"""
PROBE = """
import sys
former = set(sys.modules)  # what this Python's own site has loaded
from v380cli.__main__ import main
modules_file, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "v380"
try:
    main()
finally:
    with open(modules_file, "w") as file:
        file.write("\\n".join(set(sys.modules) - former))
"""
COLLECTING = """
import atexit, gc
from v380cli.__main__ import main
atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 0))
main()
"""
# What the scripts under completions/ ask for.
TABS = [
    ("cameras", [], "porch\nyard\n"),
    ("cameras", ["po"], "porch\n"),
    ("targets", [], "porch\nyard\n@outside\n"),
    ("targets", ["@"], "@outside\n"),
    ("positions", ["porch"], "gate\n2\n"),
]


def run_and_list_modules(
    args: list[str], data_dir: Path, env: Mapping[str, str]
) -> tuple[str, set[str]]:
    """What `v380 ARGS` prints, and what it loaded: our modules, and of others the top level."""
    modules_file = data_dir.with_name("modules.txt")
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(modules_file), *args],
        env=make_environment(data_dir, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = modules_file.read_text().splitlines()
    own = {name for name in modules if name.startswith("v380cli.")}
    return done.stdout, own | {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    ("args", "expected"),
    [(["--help"], "record"), (["-h"], "record"), (["--version"], "v380 ")],
    ids=["help", "help in short", "version"],
)
def test_what_is_asked_at_the_door_does_without_the_parser(
    args: list[str], expected: str, data_dir: Path
) -> None:
    output, modules = run_and_list_modules(args, data_dir, {})
    assert expected in output
    assert modules & {*HEAVY, *SLOW, "typer"} == set()


def test_a_narrow_terminal_gets_a_page_of_its_own(data_dir: Path) -> None:
    output, modules = run_and_list_modules(["--help"], data_dir, {"COLUMNS": "60"})
    assert max(map(len, output.splitlines())) <= 60
    assert "typer" in modules


def test_the_device_list_loads_nothing_heavy(data_dir: Path) -> None:
    _, modules = run_and_list_modules(["devices", "list"], data_dir, {})
    assert modules & HEAVY == set()
    assert modules & {f"v380cli.{name}" for name in UNLISTED} == set()


def test_a_table_on_a_terminal_is_drawn_without_rich(data_dir: Path) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name="porch")))
    modules_file = data_dir.with_name("modules.txt")
    probe = (sys.executable, "-c", PROBE, str(modules_file))
    with start_on_terminal(data_dir, "devices", "list", command=probe) as run:
        run.wait_for_text("porch")
        assert run.wait() == 0
    modules = modules_file.read_text().splitlines()
    assert "v380cli.store.database" in modules
    assert "rich" not in modules


def test_garbage_is_looked_for_while_a_command_runs(data_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLLECTING, "devices", "list", "--json"],
        env=make_environment(data_dir),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["[]", "True", "True"]


def test_a_command_of_a_group_is_had_without_the_others(data_dir: Path) -> None:
    _, modules = run_and_list_modules(["devices", "list", "--help"], data_dir, {})
    package = "v380cli.commands.devices"
    others = {f"{package}.{name}" for name in ("change", "transfer", "ask")}
    assert f"{package}.show" in modules
    assert modules & others == set()


def test_help_of_every_command_is_had_without_its_rooms() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PAGES], capture_output=True, text=True, timeout=60, check=True
    )
    modules = set(done.stdout.splitlines()[-1].split())
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()
    own = {name.removeprefix("v380cli.") for name in modules if name.startswith("v380cli.")}
    inside = {name for name in own if name.partition(".")[0] in ROOMS and "." in name}
    shelves = {name.rpartition(".")[0] for name in inside}
    assert inside - shelves - WORDS == set()


@pytest.mark.parametrize(("wanted", "args", "expected"), TABS)
def test_a_tab_loads_nothing_heavy(
    wanted: str, args: list[str], expected: str, data_dir: Path
) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name="porch"), groups=("outside",)))
        devices.add(DeviceRecord(device=Device(name="yard")))
        devices.open_presets("porch").note(1, "gate")
        devices.open_presets("porch").note(2)
    output, modules = run_and_list_modules(args, data_dir, {"_V380_COMPLETE": wanted})
    assert output == expected
    assert modules & {*HEAVY, *SLOW, "typer"} == set()
