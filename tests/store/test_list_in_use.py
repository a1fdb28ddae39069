"""The device list while another program has it: waited for, with an ear for signals, and told."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from v380cli.errors import StorageError
from v380cli.models import Device
from v380cli.store.database import DeviceRecord, find_list_path, open_device_list

HOLD_LIST = """
from v380cli.store.database import open_device_list
with open_device_list() as devices, devices.transaction():
    print("held", flush=True)
    input()
"""


def add(name: str) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=name)))


def test_a_list_that_stays_in_use_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    add("yard")
    monkeypatch.setattr("v380cli.store.connection.BUSY_TIMEOUT_S", 0.01)
    with open_device_list() as holder, holder.transaction():
        with pytest.raises(StorageError, match="in use by another program"):
            add("hall")
        with open_device_list() as reader:
            assert len(reader.list_devices()) == 1


@contextlib.contextmanager
def hold_list() -> Iterator[int]:
    """Another process has the list; its number."""
    command = [sys.executable, "-c", HOLD_LIST]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate("\n")


def test_who_has_the_list_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    add("yard")
    monkeypatch.setattr("v380cli.store.connection.BUSY_TIMEOUT_S", 0.0)
    with hold_list() as holder, pytest.raises(StorageError, match=rf"\(process {holder}\)"):
        add("hall")
    add("hall")


def test_a_signal_is_heard_while_others_have_the_list() -> None:
    class Alarm(Exception):
        pass

    def ring(*_: object) -> None:
        raise Alarm

    add("yard")
    former = signal.signal(signal.SIGALRM, ring)
    try:
        with open_device_list() as holder, holder.transaction(), pytest.raises(Alarm):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            add("hall")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_a_commit_waits_for_readers_of_a_list_without_wal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it lies on a network share; what is given up leaves nothing half done."""
    add("yard")
    with contextlib.closing(sqlite3.connect(find_list_path(), isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode = DELETE")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM devices").fetchall()
        monkeypatch.setattr("v380cli.store.connection.BUSY_TIMEOUT_S", 0.0)
        with open_device_list() as devices:
            with pytest.raises(sqlite3.OperationalError):
                devices.add(DeviceRecord(device=Device(name="hall")))
            reader.execute("COMMIT")
            devices.add(DeviceRecord(device=Device(name="hall")))
    with open_device_list() as devices:
        assert len(devices.list_devices()) == 2
