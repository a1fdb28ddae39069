"""The completion scripts: current, sound, and right about what they offer."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.cli import make_environment
from tests.virtual_terminal import start_on_terminal
from v380cli.app import app
from v380cli.commands.completion import FILE_NAMES, Shell, format_script
from v380cli.models import Device
from v380cli.store.database import DeviceRecord, open_device_list

FOLDER = Path(__file__).parents[2] / "completions"
SYNTAX_CHECKS = {
    Shell.BASH: ["bash", "-n"],
    Shell.ZSH: ["zsh", "-n"],
    Shell.FISH: ["fish", "--no-execute"],
}
# Completes the line given as arguments, its last one being the word at the cursor.
DRIVER = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_v380 2>/dev/null
[[ ${#COMPREPLY[@]} == 0 ]] || printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH_SETUP = (
    "PS1='> '; fpath=(FOLDER $fpath); autoload -U compinit; compinit -D -u;"
    " stty -echo cols 200; print RE''ADY\n"
)
KILL_LINE = "\x15"


@pytest.fixture(scope="module")
def scripts() -> dict[Shell, str]:
    parser = typer.main.get_command(app)
    return {shell: format_script(shell, parser) for shell in Shell}


@pytest.mark.parametrize("shell", Shell)
def test_the_scripts_are_current(shell: Shell, scripts: dict[Shell, str]) -> None:
    file = FOLDER / FILE_NAMES[shell]
    assert file.read_text() == scripts[shell], f"run: v380 completion {shell} > {file}"


@pytest.mark.parametrize("shell", Shell)
def test_the_scripts_parse(shell: Shell, scripts: dict[Shell, str], tmp_path: Path) -> None:
    command = SYNTAX_CHECKS[shell]
    if not shutil.which(command[0]):
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / FILE_NAMES[shell]
    file.write_text(scripts[shell])
    subprocess.run([*command, str(file)], check=True)


@pytest.mark.parametrize("shell", [Shell.ZSH, Shell.FISH])
def test_descriptions_keep_their_apostrophes(shell: Shell, scripts: dict[Shell, str]) -> None:
    assert "the sticker\u2019s QR code" in scripts[shell]


def test_zsh_finds_what_it_looks_for_in_the_first_line(scripts: dict[Shell, str]) -> None:
    assert scripts[Shell.ZSH].startswith("#compdef v380\n")


@pytest.mark.parametrize("shell", Shell)
def test_every_option_is_in_every_script(shell: Shell, scripts: dict[Shell, str]) -> None:
    prefix = "-l " if shell is Shell.FISH else "--"
    for name in ("reveal", "with-passwords", "no-group", "no-reconnect"):
        assert f"{prefix}{name}" in scripts[shell]


@pytest.fixture
def complete(scripts: dict[Shell, str], data_dir: Path, tmp_path: Path) -> "Complete":
    program = tmp_path / "bin" / "v380"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m v380cli "$@"\n')
    program.chmod(0o755)
    (tmp_path / "v380.bash").write_text(scripts[Shell.BASH])
    return Complete(tmp_path, make_environment(data_dir, {"PYTHONPATH": os.environ["PYTHONPATH"]}))


class Complete:
    """Presses TAB in bash behind a line; the cursor is in its last word."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment | {"PATH": f"{folder / 'bin'}:{environment['PATH']}"}

    def __call__(self, *words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", DRIVER, "bash", str(self.folder / "v380.bash"), "v380", *words],
            env=self.environment | {"PYTHONPATH": self.find_python_path()},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    def find_python_path(self) -> str:
        return os.pathsep.join([str(FOLDER.parent), self.environment["PYTHONPATH"]])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("dev",), ["devices"]),
        (("devices", "re"), ["remove"]),
        (("-v", "devices", "ex"), ["export"]),
        (("devices", "show", "--re"), ["--reveal"]),
        (("devices", "export", "--format", "t"), ["toml"]),
        (("devices", "export", "v380.b"), ["v380.bash"]),
        (("record", "--output", "v380.b"), ["v380.bash"]),
        (("devices", "add", "--id", ""), []),
        (("nonsense", "dev"), ["devices"]),
    ],
)
def test_bash_knows_the_commands_by_heart(
    complete: Complete, words: tuple[str, ...], expected: list[str], data_dir: Path
) -> None:
    assert complete(*words) == expected
    assert not data_dir.exists()


@pytest.mark.parametrize(
    "words", [("devices", "show"), ("devices", "remove", "x"), ("record",), ("record", "-d")]
)
def test_bash_asks_for_the_names_of_cameras(complete: Complete, words: tuple[str, ...]) -> None:
    with open_device_list() as devices:
        for name in ("Front yard", "Garage", "$(touch hacked)'\""):
            devices.add(DeviceRecord(device=Device(name=name)))
    assert complete(*words, "Fr") == [r"Front\ yard"]
    assert complete(*words, r"Front\ y") == [r"Front\ yard"]
    assert complete(*words, "$") == [r"\$\(touch\ hacked\)\'\""]
    assert len(complete(*words, "")) == 3
    assert not (complete.folder / "hacked").exists()


class Shells:
    """Presses TAB behind a line in each of the real shells: what is offered."""

    def __init__(self, data_dir: Path, folder: Path, environment: dict[str, str]) -> None:
        self.data_dir = data_dir
        self.folder = folder
        self.environment = environment

    def offer(self, shell: Shell, line: str) -> set[str]:
        if not shutil.which(shell):
            pytest.skip(f"{shell} is not installed")
        match shell:
            case Shell.BASH:
                return self._offer_in_bash(line)
            case Shell.FISH:
                return self._offer_in_fish(line)
        return self._offer_in_zsh(line)

    def _offer_in_bash(self, line: str) -> set[str]:
        words = line.split(" ")
        return self._run("bash", "-c", DRIVER, "bash", f"{self.folder}/v380.bash", *words)

    def _offer_in_fish(self, line: str) -> set[str]:
        script = f"source {self.folder}/v380.fish; complete -C {shlex.quote(line)}"
        offered = self._run("fish", "--no-config", "-c", script)
        return {each.partition("\t")[0] for each in offered}

    def _run(self, *command: str) -> set[str]:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True
        )
        return {each.replace("\\", "") for each in done.stdout.splitlines()}

    def _offer_in_zsh(self, line: str) -> set[str]:
        """In a terminal, since there is no other way: what zsh writes that was not typed."""
        zsh = start_on_terminal(
            self.data_dir,
            size=(200, 50),
            env=self.environment | {"TERM": "dumb"},
            command=("zsh", "-f", "-i"),
        )
        with zsh as run:
            run.type(ZSH_SETUP.replace("FOLDER", str(self.folder)))
            run.wait_for(lambda: "> " in run.written.partition("READY")[2])
            start = len(run.written)
            run.type(f"{line}\t{KILL_LINE}print DO''NE\n")
            run.wait_for(lambda: "DONE" in run.written[start:])
            text = run.written[start:].partition("print")[0]
        written = {word.replace("\\", "") for word in re.findall(r"@?\w(?:[\w=-]|\\ )*", text)}
        return written - set(re.split(r"[\s-]+", line)) - {"2004h", "2004hv380"}


@pytest.fixture
def shells(complete: "Complete", scripts: dict[Shell, str], data_dir: Path) -> Shells:
    for shell in Shell:
        (complete.folder / FILE_NAMES[shell]).write_text(scripts[shell])
    with open_device_list() as devices:
        for name in ("porch", "Front yard"):
            devices.add(DeviceRecord(device=Device(name=name), groups=("outside",)))
        devices.open_presets("porch").note(1, "gate")
    paths = {"PYTHONPATH": complete.find_python_path()}
    return Shells(data_dir, complete.folder, complete.environment | paths)


TARGETS = {"porch", "Front yard", "@outside"}
SWITCHES = {"on", "off", "auto"}
DIRECTIONS = {"left", "right", "up", "down", "up-left", "up-right", "down-left", "down-right"}
ALWAYS = {"always=on", "always=off"}
SETTINGS = {"record", "clock", "alarm", "arming", "light", "user", "address", "password"}


@pytest.mark.parametrize("shell", Shell)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("v380 devices sh", {"show"}),
        ("v380 light ", TARGETS),
        ("v380 light porch ", SWITCHES),
        ("v380 light porch on ", set()),
        ("v380 light -d porch ", SWITCHES),
        ("v380 light --all ", SWITCHES),
        ("v380 ptz --steps 3 porch ", {*DIRECTIONS, "stop"}),
        ("v380 settings set porch ", SETTINGS),
        ("v380 settings set porch record always=o", ALWAYS),
        ("v380 settings set porch record sound=off always=o", ALWAYS),
        ("v380 settings set --all record always=o", ALWAYS),
        (
            "v380 settings set record clock ",
            {"now", "format=", "zone=", "zone_on=", "zone_offset="},
        ),
        ("v380 settings set porch password ", set()),
        ("v380 preset porch go ", {"gate"}),
        ("v380 export mediamtx ", TARGETS),
        ("v380 record @", {"@outside"}),
        ("v380 stream ", {"porch", "Front yard"}),
        ("v380 stream porch ", set()),
    ],
)
def test_a_shell_offers_what_is_due(
    shells: Shells, shell: Shell, line: str, expected: set[str]
) -> None:
    assert shells.offer(shell, line) == expected


def test_a_tab_runs_nothing_that_stands_in_the_line(complete: Complete) -> None:
    complete("preset", "$(touch hacked)", "go", "")
    complete("preset", "a;touch hacked", "go", "")
    assert not (complete.folder / "hacked").exists()
