"""A terminal that stops to take anything: it is waited for, but not for ever."""

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from v380cli.sinks.screen import terminal_output
from v380cli.sinks.screen.scene import Scene
from v380cli.sinks.screen.terminal import CLEAR, TerminalScreen
from v380cli.sinks.screen.terminal_output import TerminalOutput

TOO_MUCH = "x" * 1_000_000  # for the kernel to keep


class Terminal:
    """One that takes something only when it is read."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        os.set_blocking(self._master, False)
        self.file = os.fdopen(slave, "w")
        self.output = TerminalOutput(slave)
        self.output.open()

    def read(self) -> str:
        data = b""
        with suppress(BlockingIOError):
            while chunk := os.read(self._master, 1 << 16):
                data += chunk
        return data.decode()

    def close(self) -> None:
        self.output.close()
        self.file.close()
        os.close(self._master)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setattr(terminal_output, "STALLED_S", 0.05)
    with closing(Terminal()) as terminal:
        yield terminal


def test_what_it_does_not_take_is_dropped(terminal: Terminal) -> None:
    assert not terminal.output.write(TOO_MUCH)
    assert len(terminal.read()) < len(TOO_MUCH)
    assert terminal.output.write("it goes on")
    assert terminal.read() == "it goes on"


def test_whoever_else_uses_it_may_still_wait(terminal: Terminal) -> None:
    assert os.get_blocking(terminal.file.fileno())


def test_after_a_stall_all_is_drawn_again(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", terminal.file)
    with TerminalScreen({}) as screen:
        screen.show(Scene(status="first"))
        terminal.read()
        screen.show(Scene(status="second"))
        assert CLEAR not in terminal.read()
        terminal.output.write(TOO_MUCH)
        screen.show(Scene(status="lost"))
        assert "lost" not in terminal.read()
        screen.show(Scene(status="third"))
        drawn = terminal.read()
    assert CLEAR in drawn
    assert "third" in drawn
