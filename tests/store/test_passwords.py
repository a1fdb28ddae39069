"""Passwords go into the keyring where one works, else into the list's own file."""

import logging
import sys
import types
from collections.abc import Callable

import pytest

from v380cli.errors import StorageError
from v380cli.models import Device, Secret
from v380cli.store.database import DeviceRecord, find_list_path, open_device_list

PASSWORD = "hunter2-in-the-keyring"


class FakeKeyring:
    """A backend of `keyring`, by the methods that this project calls."""

    def __init__(self, priority: float = 5) -> None:
        self.priority = priority
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.entries[(service, username)]

    def _check(self) -> None:
        if self.is_locked:
            raise RuntimeError(f"locked, and here is {PASSWORD}")


Install = Callable[[FakeKeyring | None], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a `keyring` package with this backend, or none, in place of the real one."""

    def put(backend: FakeKeyring | None) -> None:
        module = types.ModuleType("keyring")
        module.get_keyring = lambda: backend  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "keyring", module if backend else None)

    return put


def add(name: str = "yard") -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=name, password=Secret(PASSWORD))))


def read(name: str = "yard") -> str:
    with open_device_list() as devices:
        return devices.read_password(name).reveal()


def is_in_file() -> bool:
    return PASSWORD.encode() in find_list_path().read_bytes()


def test_a_keyring_that_works_takes_it(install: Install) -> None:
    keyring = FakeKeyring()
    install(keyring)
    add()
    assert list(keyring.entries.values()) == [PASSWORD]
    assert not is_in_file()
    assert read() == PASSWORD


@pytest.mark.parametrize("backend", [None, FakeKeyring(priority=0), FakeKeyring(priority=-1)])
def test_without_a_keyring_the_list_takes_it(install: Install, backend: FakeKeyring | None) -> None:
    install(backend)
    add()
    assert is_in_file()
    assert read() == PASSWORD
    assert backend is None or not backend.entries


def test_a_locked_keyring_does_not_keep_a_camera_out(install: Install) -> None:
    keyring = FakeKeyring()
    keyring.is_locked = True
    install(keyring)
    add()
    assert is_in_file()
    assert read() == PASSWORD


def test_a_camera_and_its_secret_go_together(install: Install) -> None:
    keyring = FakeKeyring()
    install(keyring)
    add("one")
    add("two")
    with open_device_list() as devices:
        devices.remove("one")
        assert len(keyring.entries) == 1
        devices.write_password("two", Secret())
    assert keyring.entries == {}


def test_a_new_password_leaves_no_old_one(install: Install) -> None:
    install(None)
    add()
    keyring = FakeKeyring()
    install(keyring)
    with open_device_list() as devices:
        devices.write_password("yard", Secret("new"))
    assert list(keyring.entries.values()) == ["new"]
    assert not is_in_file()
    assert read() == "new"


def test_a_new_name_keeps_the_secret(install: Install) -> None:
    install(FakeKeyring())
    add()
    with open_device_list() as devices:
        devices.update("yard", lambda before: DeviceRecord(device=Device(name="hall")))
    assert read("hall") == PASSWORD


@pytest.mark.parametrize("loss", ["uninstalled", "locked", "emptied"])
def test_a_keyring_that_has_gone_is_told_and_quotes_nothing(install: Install, loss: str) -> None:
    keyring = FakeKeyring()
    install(keyring)
    add()
    keyring.is_locked = loss == "locked"
    if loss == "emptied":
        keyring.entries.clear()
    install(None if loss == "uninstalled" else keyring)
    with pytest.raises(StorageError, match="keyring") as caught:
        read()
    assert caught.value.hint
    assert PASSWORD not in caught.value.message


def test_a_camera_can_be_removed_without_its_keyring(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install(FakeKeyring())
    add()
    install(None)
    with caplog.at_level(logging.WARNING), open_device_list() as devices:
        devices.remove("yard")
        assert devices.list_devices() == []
    assert "keyring" in caplog.text


def test_a_list_without_passwords_asks_no_keyring(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring()
    install(keyring)
    add("has one")
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name="has none")))
    keyring.is_locked = True
    with open_device_list() as devices:
        assert len(devices.list_devices()) == 2
        assert devices.read_password("has none") == Secret()


def test_others_can_write_while_a_keyring_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a tenth of a second and more, times as many as add a camera at once."""
    add("first")
    monkeypatch.setattr("v380cli.store.connection.BUSY_TIMEOUT_S", 0.0)
    loads: list[str] = []

    def install_slow_one() -> None:
        module = types.ModuleType("keyring")

        def load() -> FakeKeyring:
            module.get_keyring = FakeKeyring  # type: ignore[attr-defined]  # it loads but once
            with open_device_list() as devices:
                loads.append(devices.update("first", lambda before: before).device.name)
            return FakeKeyring()

        module.get_keyring = load  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "keyring", module)

    install_slow_one()
    add("second")
    install_slow_one()
    with open_device_list() as devices:
        devices.write_password("second", Secret("new"))
    assert len(loads) == 2
