"""What the README and the pages in docs/ show works.

Every `v380 ...` in them is asked for its help with all its words before, which fails on a command
or an option that does not exist. A block under a comment `<!-- test: NAME -->` is run as well, in
an empty folder; with `<!-- test: NAME simulator -->` the device list holds a camera in software
under the name `porch`.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import reference
from tests.cli import RunV380, make_environment, parse_command_names, read_help
from v380cli import __version__
from v380cli.commands import _logging
from v380cli.models import Secret

PROJECT = Path(__file__).parents[1]
README = PROJECT / "README.md"
PAGES = [README, *sorted((PROJECT / "docs").glob("*.md"))]
WRITTEN_PAGES = [page for page in PAGES if page != reference.REFERENCE]
LINKED_PAGES = [*PAGES, *(PROJECT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md"))]
BEFORE_A_PROGRAM = {"sudo", "-u", "env", "exec", "if", "while", "until", "!"}
NO_VARIABLES = {"V380_NAME", "V380_RETRY"}  # what hooks are told
README_MAX_LINES = 200  # a page that one reads; what is longer belongs into docs/
BLOCK = re.compile(
    r"(?:^<!-- test: (?P<name>[\w-]+)(?P<simulator> simulator)? -->\n+)?"
    r"^```sh\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
CODE_SPAN = re.compile(r"`(v380 [^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
VARIABLE = re.compile(r"(?<!\w)V380_[A-Z][A-Z_]*")
VARIABLE_ROW = re.compile(r"^\| `(V380_\w+)` \|", re.MULTILINE)
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced `sh` block; `name` is empty unless it is to be run."""

    name: str
    needs_simulator: bool
    text: str


def find_blocks(text: str) -> list[Block]:
    return [
        Block(match["name"] or "", bool(match["simulator"]), match["text"])
        for match in BLOCK.finditer(text)
    ]


def find_invocations(text: str) -> Iterator[tuple[str, ...]]:
    """The words after each `v380` in shell text."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for token in [*lexer, ";"]:
            if set(token) <= set("();<>|&"):
                yield from find_words_of_v380(words)
                words = []
            else:
                words.append(token)


def find_words_of_v380(words: list[str]) -> Iterator[tuple[str, ...]]:
    """What follows `v380` where it is the program, and no file or user of this name."""
    former = ""
    for position, word in enumerate(words):
        if not (word in BEFORE_A_PROGRAM or "=" in word or former == "-u"):
            if Path(word).name == "v380":
                yield tuple(words[position + 1 :])
            return
        former = word


TEXT = "\n".join(page.read_text(encoding="utf-8") for page in WRITTEN_PAGES)
BLOCKS = find_blocks(TEXT)
EXAMPLES = [block for block in BLOCKS if block.name]
SHOWN = "\n".join([*(block.text for block in BLOCKS), *CODE_SPAN.findall(TEXT)])
INVOCATIONS = sorted(set(find_invocations(SHOWN)))


def test_blocks_and_commands_are_found() -> None:
    """The finders below find: otherwise the tests that they feed would hold nothing."""
    text = "<!-- test: one simulator -->\n```sh\nA=1 v380 -v devices list | jq '.[0] | .id' \\\n"
    text += "  && sudo -u v380 A=a/v380 .venv/bin/v380 demo  # v380 not this\nln -s v380 it\n"
    text += "```\n\n```sh\nls\n```\n"
    first, second = find_blocks(text)
    assert (first.name, first.needs_simulator, second.name) == ("one", True, "")
    assert list(find_invocations(first.text)) == [("-v", "devices", "list"), ("demo",)]


@pytest.mark.parametrize("command", sorted({words[0] for words in INVOCATIONS if words}))
def test_commands_and_options_in_the_pages_exist(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_logging, "start_logging", lambda *_: None)
    for words in INVOCATIONS:
        assert words[:1] != (command,) or read_help(*words)


def test_every_command_is_in_the_readme() -> None:
    names = parse_command_names(read_help())
    assert names
    shown = README.read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in shown] == []


def test_the_readme_is_a_page_that_one_reads() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= README_MAX_LINES


def test_every_page_is_found_from_the_readme() -> None:
    linked = {target for target, _ in LINK.findall(README.read_text(encoding="utf-8"))}
    assert {str(page.relative_to(PROJECT)) for page in PAGES[1:]} - linked == set()


@pytest.mark.parametrize("page", LINKED_PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_exists(page: Path) -> None:
    for target, heading in LINK.findall(page.read_text(encoding="utf-8")):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not heading or heading in list_anchors(file), f"{target}#{heading}"


def list_anchors(page: Path) -> list[str]:
    """What the headings of a page are called in a link, as GitHub makes it."""
    titles = HEADING.findall(page.read_text(encoding="utf-8"))
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def test_the_reference_is_that_of_the_parser() -> None:
    written = reference.REFERENCE.read_text(encoding="utf-8")
    assert written == reference.make_reference(), "run: python -m tests.reference"


def test_the_page_at_the_door_is_that_of_the_parser() -> None:
    written = reference.HELP_PAGE.read_text(encoding="utf-8")
    assert written == read_help(), "run: python -m tests.reference"


def test_each_variable_has_its_row() -> None:
    """Whatever `v380` reads of its environment is in docs/scripting.md, and nothing else is."""
    sources = [path.read_text(encoding="utf-8") for path in (PROJECT / "v380cli").rglob("*.py")]
    named = {name for source in sources for name in VARIABLE.findall(source)} - NO_VARIABLES
    rows = VARIABLE_ROW.findall((PROJECT / "docs/scripting.md").read_text(encoding="utf-8"))
    assert sorted(rows) == sorted(named)


def test_the_changelog_has_this_version() -> None:
    releases = RELEASE.findall((PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert releases[:1] == [__version__]


@pytest.fixture
def porch(run_v380: RunV380) -> Iterator[None]:
    """A camera in software on loopback, in the device list under this name."""
    from v380cli.simulator.camera import CameraSpec
    from v380cli.simulator.server import Simulator

    password = Secret("example")
    camera = CameraSpec(device_id=12345678, password=password, width=320, height=240, loop_s=2.0)
    with Simulator([camera]) as simulator:  # answers discovery on loopback
        address = f"127.0.0.1:{simulator.cameras[0].port}"
        options = ["--id", "12345678", "--address", address, "--password-stdin"]
        added = run_v380("devices", "add", "porch", *options, stdin="example\n")
        assert added.returncode == 0, added.stderr
        yield


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.name)
def test_an_example_runs(
    block: Block, tmp_path: Path, data_dir: Path, request: pytest.FixtureRequest
) -> None:
    if block.needs_simulator:
        request.getfixturevalue("porch")
    folder = tmp_path / "example"
    folder.mkdir()
    environment = make_environment(data_dir, {"V380_INTERFACE": "lo"})
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
