"""The completion scripts: current, sound, and right about what they offer."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.cli import make_environment
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
            env=self.environment | {"PYTHONPATH": self._find_python_path()},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    def _find_python_path(self) -> str:
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
