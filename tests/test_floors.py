"""The house stands: imports go down only, and each heavy package has one owner.

Imports are read from the source, so those inside functions and under TYPE_CHECKING count too.
"""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest

from v380cli.app import COMMANDS, make_commands

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "v380cli"
TESTS = PROJECT / "tests"

FLOORS = [
    {"disk", "errors", "models", "redaction", "text"},
    {"wire", "media"},
    {"explain", "net", "sinks", "sources", "store"},
    {"camera", "simulator"},
    {"work"},
    {"commands"},
    {"app", "__main__"},
]
# The files of the top and the ground floor know each other; every other name is a room.
SHARED_FLOORS = (FLOORS[0], FLOORS[-1])

PURE_ROOMS = {"wire", "media", "explain", "redaction"}
IMPURE = {
    *{"socket", "selectors", "asyncio", "threading", "subprocess"},
    *{"os", "io", "pathlib", "shutil", "tempfile", "sqlite3"},
    *{"time", "random", "secrets"},
}


class Owner(NamedTuple):
    """The file, or the rooms, that may import a package, and what they want from it."""

    places: tuple[str, ...]
    why: str


OWNERS = {
    "aiohttp": Owner(
        ("net/http_server.py", "net/http_camera.py", "net/http_port.py", "net/metrics_server.py"),
        "what browsers, players and Prometheus fetch",
    ),
    "audioop": Owner(("media/pcm.py",), "G.711 and ADPCM; the standard library's up to 3.12"),
    "av": Owner(("sinks/", "sources/", "simulator/"), "mux, decode, and draw the test picture"),
    "cryptography": Owner(("wire/crypto.py",), "AES"),
    "cv2": Owner(
        ("work/sticker.py", "sinks/motion.py", "sinks/screen/window.py"),
        "read the QR code on a camera's sticker; find what moves; a window on the desktop",
    ),
    "keyring": Owner(("store/secrets.py",), "passwords in the desktop's keyring"),
    "netifaces": Owner(("net/interfaces.py",), "interfaces, addresses and broadcast addresses"),
    "numpy": Owner(
        ("sinks/", "sources/", "simulator/", "work/sticker.py"),
        "pictures and sound as arrays, as PyAV and cv2 take and give them",
    ),
    "paho": Owner(("net/mqtt.py",), "MQTT"),
    "PIL": Owner(
        ("work/qr.py", "work/sticker.py", "sinks/contact_sheet.py"),
        "text in pictures; pictures of any kind, decoded within bounds",
    ),
    "platformdirs": Owner(("store/places.py",), "where data and configuration belong"),
    "prometheus_client": Owner(("work/metrics.py",), "the text that Prometheus reads"),
    "qrcode": Owner(("work/qr.py",), "QR codes for people and printers"),
    "rich": Owner(("commands/_console.py",), "tables and progress"),
    "scapy": Owner(("net/packets.py",), "captured packets; GPL, so it stays in one place"),
    "sounddevice": Owner(("sources/microphone.py",), "the microphone of this machine"),
    "typer": Owner(("app.py", "commands/"), "the command line"),
}

MAX_LINES = 350  # about 300 asks for a second room; this is where asking ends
SHALLOW = 50  # commits; a shallow clone has fewer
WORDLESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


class Import(NamedTuple):
    """A dotted name that a file imports; `path` is relative to the package."""

    path: str
    line: int
    name: str

    @property
    def room(self) -> str:
        """The room, or the file of the top level, that the import stands in."""
        return self.path.partition("/")[0].removesuffix(".py")

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.name}"


def list_sources(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


@cache
def find_imports(package: Path) -> tuple[Import, ...]:
    """Every import in every file; `from a import b` is `a.b`, relative ones are made absolute."""
    return tuple(
        Import(path, getattr(node, "lineno", 0), name)
        for source in list_sources(package)
        for path in [source.relative_to(package).as_posix()]
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        for name in find_names(node, path)
    )


def find_names(node: ast.AST, path: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            origin = ".".join(filter(None, [find_parent(path, level), module]))
            return [f"{origin}.{alias.name}" for alias in names]
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [name]
    return []


def find_parent(path: str, level: int) -> str:
    """The package that a relative import of so many dots in the file `path` starts from."""
    if level == 0:
        return ""
    return ".".join(["v380cli", *path.split("/")[:-1]][: -(level - 1) or None])


def find_floor(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def check_floor(entry: Import) -> bool:
    """Whether an import stays in its room or goes down."""
    target = [*entry.name.split("."), ""][1]
    if entry.room == "__init__" or target in ("", "__version__", entry.room):
        return True
    if {entry.room, target} <= set().union(*SHARED_FLOORS):
        return find_floor(target) <= find_floor(entry.room)
    return find_floor(target) < find_floor(entry.room)


def check_shelf(entry: Import) -> bool:
    """Whether a command imports nothing of another one; what they share is in `commands/_*.py`."""
    own, target = entry.path.split("/"), entry.name.split(".")
    if own[0] != "commands" or target[:2] != ["v380cli", "commands"] or len(target) < 3:
        return True
    return target[2].startswith("_") or target[2] == own[1].removesuffix(".py")


def check_owner(entry: Import) -> bool:
    """Whether the importing file may import this package of another project."""
    owner = OWNERS.get(entry.name.partition(".")[0])
    return owner is not None and entry.path.startswith(owner.places)


def check_import(entry: Import) -> bool:
    origin = entry.name.partition(".")[0]
    if origin == "v380cli":
        return check_floor(entry) and check_shelf(entry)
    if origin in sys.stdlib_module_names:
        return not (entry.room in PURE_ROOMS and origin in IMPURE)
    return check_owner(entry)


def list_broken_imports(package: Path) -> list[str]:
    return [str(entry) for entry in find_imports(package) if not check_import(entry)]


def test_the_drawing_shows_the_floors() -> None:
    """ARCHITECTURE.md draws each floor on a line of its own, the highest first."""
    page = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^floor \d +([a-z_]+(?:  [a-z_]+)*)   ", page, re.MULTILINE)
    assert [set(line.split()) for line in reversed(drawn)] == FLOORS


def test_the_page_names_what_there_is() -> None:
    """Each room has its row in ARCHITECTURE.md, and each file that the page names is there."""
    page = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE)
    assert set(rows) == {room for rooms in FLOORS for room in rooms if (PACKAGE / room).is_dir()}
    named = set(re.findall(r"`([a-z_./]+(?:\.py|/))`", page))
    folders = [PROJECT, PACKAGE, *(PACKAGE / row for row in rows)]
    assert {name for name in named if not any((at / name).exists() for at in folders)} == set()


def test_each_test_stands_in_the_room_of_what_it_tests() -> None:
    """Its folder is a room or a shelf, something of which it imports; commands are run."""
    rooms = set().union(*FLOORS) - {"commands"}
    tests = [
        (path.parent.relative_to(TESTS), path)
        for path in TESTS.rglob("test_*.py")
        if path.relative_to(TESTS).parts[0] in rooms
    ]
    strangers = [
        path.relative_to(TESTS)
        for folder, path in tests
        if not (PACKAGE / folder).is_dir()
        or not re.search(rf"(v380cli|tests)\.{'.'.join(folder.parts)}\b", path.read_text("utf-8"))
    ]
    assert strangers == []


def test_the_commits_that_the_page_names_are_there() -> None:
    """Each kind of thing that is added has one that shows how."""
    page = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## How a thing is added")
    items = section.partition("\n## ")[0].split("\n- **")[1:]
    named = [re.search(r"See commit `([^`]+)`", item) for item in items]
    assert all(named)
    history = subprocess.run(
        ["git", "log", "--format=%s"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if len(history) < SHALLOW:
        pytest.skip("this is a copy without its history")
    assert {match[1] for match in named if match} - set(history) == set()


def test_every_module_is_used() -> None:
    """One that nothing imports is dead; so is one that only tests import."""
    used = {entry.name for entry in find_imports(PACKAGE)}
    used |= {name.rpartition(".")[0] for name in used} | {"v380cli.__main__"}
    used |= {f"v380cli.commands.{row.module}" for row in COMMANDS}
    for command in make_commands().values():
        children = getattr(command, "commands", {}).values()
        used |= {child.callback.__module__ for child in children}
    modules = {
        ".".join(source.relative_to(PROJECT).with_suffix("").parts)
        for source in list_sources(PACKAGE)
        if source.stem != "__init__"
    }
    assert modules - used == set()


def test_the_house_stands() -> None:
    assert list_broken_imports(PACKAGE) == []


BAD_IMPORTS = {
    "up": ("camera/live.py", "from v380cli.commands import record"),
    "up by a relative import": ("camera/live.py", "from ..commands import record"),
    "up, by name at run time": ("net/x.py", "import_module('v380cli.camera.live')"),
    "from the ground floor": ("models.py", "from v380cli.text import x; import v380cli.wire.live"),
    "across": ("wire/live.py", "from v380cli import media"),
    "of another command": ("commands/report.py", "from v380cli.commands.info import view"),
    "across, for types only": ("sinks/x.py", "if TYPE_CHECKING:\n    import v380cli.net.stream"),
    "across, inside a function": ("camera/x.py", "def f():\n    from v380cli import simulator"),
    "a clock in a pure room": ("wire/live.py", "def f():\n    from time import monotonic"),
    "a file in a pure room": ("media/nal.py", "import os.path"),
    "another's package": ("camera/recorder.py", "import av"),
    "a package in the wrong file": ("wire/live.py", "from cryptography.hazmat import primitives"),
    "a package without a row": ("net/x.py", "import requests"),
}
GOOD_IMPORTS = {
    "down": ("camera/live.py", "from v380cli.wire import live\nfrom v380cli import errors"),
    "inside a room": ("wire/live.py", "from .layout import Layout\nfrom v380cli.wire import login"),
    "on the ground floor": ("models.py", "from v380cli.text import clean_text"),
    "the door": ("__main__.py", "from v380cli.app import main"),
    "the version": ("commands/x.py", "from v380cli import __version__"),
    "the owner": ("sinks/container.py", "def f():\n    import av.container"),
    "a pure room": ("media/nal.py", "import struct, enum"),
}


def write_file(package: Path, path: str, text: str) -> None:
    file = package / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("path", "text"), BAD_IMPORTS.values(), ids=BAD_IMPORTS.keys())
def test_a_bad_import_is_found(tmp_path: Path, path: str, text: str) -> None:
    write_file(tmp_path, path, text)
    assert len(list_broken_imports(tmp_path)) == 1


@pytest.mark.parametrize(("path", "text"), GOOD_IMPORTS.values(), ids=GOOD_IMPORTS.keys())
def test_a_good_import_is_let_be(tmp_path: Path, path: str, text: str) -> None:
    write_file(tmp_path, path, text)
    assert list_broken_imports(tmp_path) == []


def test_every_room_has_a_floor() -> None:
    rooms = {source.relative_to(PACKAGE).parts[0] for source in list_sources(PACKAGE)}
    assert {room.removesuffix(".py") for room in rooms} - {"__init__"} == set().union(*FLOORS)


def test_every_imported_package_is_declared() -> None:
    """A package that comes only as the dependency of a dependency may go away with it."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    optional = [each for name, extra in extras.items() if name != "dev" for each in extra]
    declared = {
        normalize(re.split(r"[\[<>=~! ]", requirement)[0])
        for requirement in [*project["dependencies"], *optional]
    }
    providers = packages_distributions()
    imported = {entry.name.partition(".")[0] for entry in find_imports(PACKAGE)} & set(OWNERS)
    imported -= sys.stdlib_module_names
    installed = imported & providers.keys()
    given = {name: set(map(normalize, providers[name])) for name in installed}
    assert {name for name in installed if not declared & given[name]} == set()


def normalize(name: str) -> str:
    """The name of a package as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_a_file_is_short_named_and_introduced() -> None:
    texts = {source: source.read_text(encoding="utf-8") for source in list_sources(PACKAGE)}
    assert [source for source, text in texts.items() if len(text.splitlines()) > MAX_LINES] == []
    assert [source for source in texts if source.stem in WORDLESS_NAMES] == []
    assert [source for source, text in texts.items() if not text.startswith('"""')] == []
