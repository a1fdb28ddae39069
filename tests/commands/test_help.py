"""Help: a page for each command, with examples that parse; topics; man pages."""

import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hatchling.builders.wheel import WheelBuilder

from tests.cli import read_help
from tests.commands.conftest import Done
from v380cli.app import app
from v380cli.commands._boundary import EXIT_BUG, EXIT_CODES
from v380cli.commands._parser import summarize
from v380cli.commands.help.man import list_pages
from v380cli.commands.help.topics import TOPICS

V380 = Callable[..., Done]
PROJECT = Path(__file__).parents[2]
MAN = PROJECT / "man"
# What a hook finds, and what is no variable.
NO_SETTINGS = {"V380_PATH", "V380_NAME", "V380_EVENT", "V380_CODE", "V380_P", "V380_COMPLETE"}


def walk(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from walk(child, *path, name)


ROOT = typer.main.get_command(app)
COMMANDS = dict(walk(ROOT))
LEAVES = {path: each for path, each in COMMANDS.items() if not hasattr(each, "commands")}


def list_examples() -> list[str]:
    return [example for command in COMMANDS.values() for example in command.examples]


def name(path: tuple[str, ...]) -> str:
    return " ".join(path) or "v380"


@pytest.mark.parametrize("path", LEAVES, ids=name)
def test_every_command_has_an_example_of_itself(path: tuple[str, ...]) -> None:
    start = " ".join(["v380", *path])
    assert LEAVES[path].examples
    assert all(example.startswith(start) for example in LEAVES[path].examples)
    assert f"\nExamples:\n  {LEAVES[path].examples[0]}\n" in read_help(*path)


@pytest.mark.parametrize("example", list_examples())
def test_examples_parse(example: str) -> None:
    words = shlex.split(re.split(r" [|>] ", example)[0])[1:]
    command: Any = ROOT
    place = 0
    while place < len(words) and words[place] in getattr(command, "commands", {}):
        command, place = command.commands[words[place]], place + 1
    assert command.make_context("v380", words[place:])


@pytest.mark.parametrize("path", COMMANDS, ids=name)
def test_a_page_is_in_plain_words(path: tuple[str, ...]) -> None:
    page = read_help(*path)
    assert not re.search(r"<[a-z]+( range)?>|x[<>]=|<=x|\{[A-Z]|\}:<", page)
    assert max(map(len, page.splitlines())) <= 80


def test_summaries_are_whole() -> None:
    for path, command in COMMANDS.items():
        page = " ".join(read_help(*path).split())
        for child in getattr(command, "commands", {}).values():
            if path and not child.hidden:
                assert summarize(child.help) in page


def test_help_needs_no_pager(v380: V380, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PAGER", "MANPAGER"):
        monkeypatch.setenv(variable, "false")
    assert "Usage: v380 record" in v380("help", "record").out
    assert "Usage: v380 devices add" in v380("help", "devices", "add").out
    assert "exit-codes, targets, durations" in v380("help").out


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_a_terminal(v380: V380, topic: str) -> None:
    done = v380("help", topic)
    assert done.out == TOPICS[topic]
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_topic_of_exit_codes_has_them_all() -> None:
    told = {int(number) for number in re.findall(r"^ +(\d+)  ", TOPICS["exit-codes"], re.MULTILINE)}
    assert told == {0, EXIT_BUG, *EXIT_CODES.values(), 129, 130, 143}


def test_the_topic_of_the_environment_has_every_variable() -> None:
    sources = [*PROJECT.glob("v380cli/**/*.py"), PROJECT / "README.md"]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    used = set(re.findall(r"V380_[A-Z]+(?:_[A-Z]+)*", text)) - NO_SETTINGS
    assert used - set(re.findall(r"V380_[A-Z_]+", TOPICS["environment"])) == set()


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (("light", "porch", "onn"), "'on'"),
        (("ptz", "porch", "lefft"), "'left'"),
        (("preset", "porch", "sett", "1"), "'set'"),
        (("settings", "get", "porch", "clok"), "'clock'"),
        (("help", "exit"), "'exit-codes'"),
        (("help", "recod"), "'record'"),
        (("recod",), "'record'"),
        (("devices", "ad"), "'add'"),
        (("record", "--duratoin", "5"), "--duration"),
    ],
    ids=" ".join,
)
def test_a_slip_is_told_what_was_meant(v380: V380, args: tuple[str, ...], meant: str) -> None:
    done = v380(*args)
    assert done.code == 2
    assert meant in done.err


def test_a_wrong_command_line_is_told_like_every_error(v380: V380) -> None:
    done = v380("ptz", "porch", "left", "--steps", "9")
    assert done.code == 2
    assert done.err == (
        "v380: Invalid value for '--steps': 9 is not in the range 1 to 5.\n"
        "      see: v380 ptz --help\n"
    )
    assert v380("record", "--json").json["error"]["hint"] == "see: v380 record --help"


@pytest.mark.parametrize(
    "args",
    [
        ("--json", "devices", "list"),
        ("devices", "--json", "list"),
        ("-v", "--json", "devices", "list", "-q"),
        ("devices", "list", "--json"),
    ],
    ids=" ".join,
)
def test_options_stand_before_a_command_or_behind(
    v380: V380, data_dir: Path, args: tuple[str, ...]
) -> None:
    done = v380(*args)
    assert (done.code, done.out) == (0, "[]\n")


def test_an_option_before_a_command_keeps_its_value(v380: V380, data_dir: Path) -> None:
    done = v380("-d", "record", "--json", "--via=lan", "info")
    assert done.code == 3
    assert "'record'" in done.json["error"]["message"]


def test_an_option_that_no_command_has_is_refused(v380: V380) -> None:
    assert v380("--jsn", "devices", "list").code == 2


@pytest.mark.parametrize("args", [("-q", "devices", "list"), ("devices", "list", "--quiet")])
def test_quiet_leaves_errors_only(v380: V380, data_dir: Path, args: tuple[str, ...]) -> None:
    assert v380(*args).err == ""
    assert "the device list is empty" in v380("record", "--all", "-q").err
    assert "empty" in v380("devices", "list").err


def test_pages_that_have_no_place_are_told(v380: V380, tmp_path: Path) -> None:
    (tmp_path / "man").touch()
    assert v380("help", "--man", "-o", str(tmp_path / "man" / "pages")).code == 9


def test_the_man_pages_are_current() -> None:
    pages = list_pages(ROOT)
    stored = {file.name: file.read_text(encoding="utf-8") for file in MAN.iterdir()}
    assert stored == pages, "run: v380 help --man --output man"


def test_a_man_page_is_printed(v380: V380) -> None:
    page = v380("help", "--man", "devices").out
    assert page.startswith('.TH V380\\-DEVICES 1 "" "v380" "v380 manual"\n')
    assert ".SH V380 DEVICES ADD" in page
    assert ".SH EXIT CODES" in v380("help", "--man").out


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_man_pages_are_sound() -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-z", *sorted(map(str, MAN.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_the_wheel_brings_the_man_pages(tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(PROJECT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.endswith(".data/data/share/man/man1/v380-record.1") for name in names)
