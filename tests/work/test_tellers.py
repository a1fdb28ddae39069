"""Who is told besides servers: the desktop."""

import datetime as dt
import errno
import os
from pathlib import Path

import pytest

from v380cli.commands.watch.running import TellPlan, make_tellers
from v380cli.errors import InvalidInput, NetworkError, StorageError
from v380cli.models import Device
from v380cli.work.watch.events import Event, EventName
from v380cli.work.watch.tellers import NotifyTeller, PrintingTeller

NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)


def make_event(name: EventName, **changes: object) -> Event:
    device = Device(name="--porch", device_id=1)
    return Event(name=name, device=device, time=NOW, start=NOW, source="test", **changes)  # type: ignore[arg-type]


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a notify-send that takes the other's place writes its words, one a line."""
    told = tmp_path / "shown"
    tool = tmp_path / "bin" / "notify-send"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >> {told}\n")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    return told


def test_the_beginning_of_things_is_shown_with_its_picture(shown: Path, tmp_path: Path) -> None:
    """A name is never taken for an option."""
    teller = NotifyTeller()
    snapshot = tmp_path / "clip.jpg"
    for event in (
        make_event(EventName.MOTION_START, snapshot=snapshot),
        make_event(EventName.MOTION_END),
        make_event(EventName.ALARM, reason="human"),
        make_event(EventName.ALARM_END),
    ):
        teller.tell(event)
    teller.close()
    assert shown.read_text().splitlines() == [
        *("--app-name=v380", f"--icon={snapshot}", "--", "--porch: something moves", "12:00:00"),
        *("--app-name=v380", "--", "--porch: alarm", "human"),
    ]


def test_a_desktop_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NetworkError, match="notify-send"):
        NotifyTeller().tell(make_event(EventName.MOTION_START))


def test_notify_without_its_program_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match="no notify-send"):
        make_tellers(TellPlan(notify=True))


def test_notify_is_one_of_those_who_are_told(shown: Path) -> None:
    assert any(isinstance(teller, NotifyTeller) for teller in make_tellers(TellPlan(notify=True)))


def test_a_reader_that_has_gone_is_told_of_once_asked_for() -> None:
    def print_event(_: Event) -> None:
        raise BrokenPipeError

    told: list[str] = []
    teller = PrintingTeller(print_event)
    teller.on_reader_gone = lambda: told.append("gone")
    teller.tell(make_event(EventName.ALARM))
    assert teller.is_reader_gone
    assert told == ["gone"]


def test_a_full_disk_behind_standard_output_is_no_bug() -> None:
    def print_event(_: Event) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        PrintingTeller(print_event).tell(make_event(EventName.ALARM))
