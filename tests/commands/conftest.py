"""`v380` inside the test process."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from tests.shapes import check_output
from v380cli.app import app
from v380cli.commands import _boundary
from v380cli.commands._logging import StderrHandler


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _list_of_its_own(data_dir: Path) -> None:
    """Before anything that puts a camera into the list."""


@pytest.fixture
def v380(capsys: pytest.CaptureFixture[str], data_dir: Path) -> Iterator[Callable[..., Done]]:
    """Run `v380 ARGS` in this process, without a terminal; its log ends with the test."""

    def run(*args: str) -> Done:
        code = _boundary.run(typer.main.get_command(app), args)
        captured = capsys.readouterr()
        check_output(args, captured.out)
        return Done(code, captured.out, captured.err)

    yield run
    log = logging.getLogger("v380cli")
    for handler in log.handlers[:]:
        log.removeHandler(handler)
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler, StderrHandler):
            handler.stream.close()
    log.setLevel(logging.NOTSET)
