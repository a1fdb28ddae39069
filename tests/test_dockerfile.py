"""The Dockerfile keeps to the rules that its linters have, and its pins are those of the tests.

There is no hadolint in Debian or on PyPI; these are its rules that bear on this file.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
TEXT = (PROJECT / "Dockerfile").read_text(encoding="utf-8")


def list_instructions(text: str) -> Iterator[tuple[str, str]]:
    """The word of each instruction and what follows, without comments and broken lines."""
    code = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    for line in re.sub(r"\s*\\\n\s*", " ", code).splitlines():
        if line:
            word, _, rest = line.partition(" ")
            yield word, rest


INSTRUCTIONS = list(list_instructions(TEXT))
RUNS = [rest for word, rest in INSTRUCTIONS if word == "RUN"]
LAST_STAGE = INSTRUCTIONS[[word for word, _ in INSTRUCTIONS].index("FROM", 1) :]


def list_after(word: str) -> list[str]:
    return [rest for each, rest in LAST_STAGE if each == word]


def test_its_bases_are_small_and_of_one_version() -> None:
    bases = [rest.split()[0] for word, rest in INSTRUCTIONS if word == "FROM"]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim", bases[0])


def test_it_does_not_run_as_root() -> None:
    words = [word for word, _ in LAST_STAGE]
    (user,) = list_after("USER")
    assert user not in ("root", "0")
    assert f"useradd --uid 1000 --create-home {user}" in " ".join(RUNS)
    assert words.index("USER") < words.index("CMD")
    assert "sudo" not in TEXT


def test_it_says_whether_it_is_well() -> None:
    (check,) = list_after("HEALTHCHECK")
    assert {"--interval=1m", "--timeout=10s"} <= set(check.split())


@pytest.mark.parametrize("word", ["CMD", "HEALTHCHECK"])
def test_signals_reach_the_command(word: str) -> None:
    (rest,) = list_after(word)
    assert re.search(r'(^|CMD )\["[^"]+"(, "[^"]*")*\]$', rest), "no shell stands before it"


def test_nothing_is_left_of_an_installation() -> None:
    for run in RUNS:
        if "apt-get install" in run:
            assert "apt-get update" in run
            assert "--no-install-recommends" in run
            assert "--yes" in run
            assert "rm -rf /var/lib/apt/lists/*" in run
        if "pip install" in run:
            assert "--no-cache-dir" in run
    assert "ADD" not in [word for word, _ in INSTRUCTIONS]
    assert "cd " not in " ".join(RUNS)


def test_what_it_copies_is_there() -> None:
    for word, rest in INSTRUCTIONS:
        if word == "COPY" and not rest.startswith("--from"):
            assert all((PROJECT / name).exists() for name in rest.split()[:-1])


def test_its_pins_are_versions_without_hashes(tmp_path: Path) -> None:
    """With a hash among the constraints pip wants one of our own source, which has none."""
    (run,) = (run for run in RUNS if "pins.txt" in run)
    (tmp_path / "constraints.txt").write_text((PROJECT / "constraints.txt").read_text())
    subprocess.run(["sh", "-ec", run.split(" && ")[0]], cwd=tmp_path, check=True)
    lines = (tmp_path / "pins.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 50
    assert all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.+!]+( ; .+)?", pin) for pin in pins)
