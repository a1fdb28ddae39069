"""The file of the device list: private, versioned, whole after a kill, never overwritten."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from v380cli.errors import StorageError
from v380cli.models import Device, Secret
from v380cli.store import paths, places, schema
from v380cli.store.database import DeviceRecord, find_list_path, open_device_list
from v380cli.store.places import DATA_DIR_VARIABLE

PROCESSES, ADDS_EACH = 10, 5
ADD_SEVERAL = """
import os, sys
import typer
from v380cli.app import app
from v380cli.commands import _boundary
for number in map(int, sys.argv[1:]):
    os.environ["V380_PASSWORD"] = f"secret-{number}"
    words = ["devices", "add", f"camera {number}", "--id", str(number), "--no-check"]
    if code := _boundary.run(typer.main.get_command(app), words):
        sys.exit(code)
"""
KILLS = 40
# Has children add cameras, and kills each at some point; says which are safely in.
ADD_AND_KILL = """
import itertools, os, signal, sys
from v380cli.models import Device, Secret
from v380cli.store.database import DeviceRecord, open_device_list

def add_forever(prefix, writer):
    for number in itertools.count():
        with open_device_list() as devices, devices.transaction():
            name = f"{prefix}-{number}"
            devices.add(DeviceRecord(device=Device(name=name, password=Secret("x")), groups=("g",)))
        os.write(writer, f"{name}\\n".encode())

for kill in range(int(sys.argv[1])):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        add_forever(kill, writer)
    os.close(writer)
    with open(reader) as names:
        safe = [names.readline() for _ in range(kill % 8)]
        os.kill(child, signal.SIGKILL)
        safe += names.readlines()
    os.waitpid(child, 0)
    print("".join(safe), end="")
"""


def add(name: str, password: str = "") -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=name, password=Secret(password))))


def list_names() -> list[str]:
    with open_device_list() as devices:
        return [name for name, _, _ in devices.list_names()]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestPrivacy:
    """Nobody else reads the list; it may hold passwords."""

    def test_the_directory_and_every_file_are_the_owners(self, data_dir: Path) -> None:
        old_umask = os.umask(0)
        try:
            with open_device_list() as devices:
                devices.add(DeviceRecord(device=Device(name="yard")))
                files = list(data_dir.iterdir())
                assert {mode(file) for file in files} == {0o600}
        finally:
            os.umask(old_umask)
        assert {file.name for file in files} >= {"devices.db", "devices.db-wal"}
        assert mode(data_dir) == 0o700

    @pytest.mark.parametrize("others", [0o040, 0o004, 0o020, 0o002, 0o010])
    @pytest.mark.parametrize("is_directory", [True, False])
    def test_what_others_can_use_is_refused_until_the_hint_is_followed(
        self, data_dir: Path, is_directory: bool, others: int
    ) -> None:
        add("yard", "hunter2")
        place = data_dir if is_directory else find_list_path()
        place.chmod(mode(place) | others)
        with pytest.raises(StorageError, match=str(place)) as caught, open_device_list():
            pass
        _, _, command = caught.value.hint.partition(": ")
        assert command.startswith("chmod ")
        subprocess.run(command, shell=True, check=True)
        assert list_names() == ["yard"]

    def test_the_hint_survives_a_space_in_the_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = tmp_path / "my data"
        place.mkdir(mode=0o755)
        monkeypatch.setenv(DATA_DIR_VARIABLE, str(place))
        with pytest.raises(StorageError) as caught, open_device_list():
            pass
        assert caught.value.hint.endswith(f"chmod 700 '{place}'")

    def test_without_the_variable_it_is_the_user_data_directory(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv(DATA_DIR_VARIABLE)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert paths.find_data_dir() == tmp_path / "v380cli"

    @pytest.mark.parametrize("has_xdg", [True, False])
    @pytest.mark.parametrize("base", ["/elsewhere", "relative, so it does not count", "~/no", ""])
    def test_the_short_way_to_the_directories_leads_where_platformdirs_does(
        self, has_xdg: bool, base: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(places, "_HAS_XDG", has_xdg)
        for variable in (DATA_DIR_VARIABLE, places.CONFIG_VARIABLE):
            monkeypatch.delenv(variable, raising=False)
        for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.setenv(variable, base)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert paths.find_data_dir() == platformdirs.user_data_path("v380cli")
        assert paths.find_config_file().parent == platformdirs.user_config_path("v380cli")

    def test_what_is_missing_above_it_is_made_private_too(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        data_home = tmp_path / "local" / "share"
        monkeypatch.delenv(DATA_DIR_VARIABLE)
        monkeypatch.setenv("XDG_DATA_HOME", str(data_home))
        add("yard")
        assert [mode(folder) for folder in (data_home.parent, data_home)] == [0o700] * 2

    def test_a_directory_that_cannot_be_made_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "file" / "data"))
        with pytest.raises(StorageError, match="cannot be made"), open_device_list():
            pass


def test_reading_a_list_that_does_not_exist_makes_nothing(data_dir: Path) -> None:
    with open_device_list(create=False) as devices:
        assert devices.list_devices() == []
    assert not data_dir.exists()


def add_step(step: tuple[str, ...]) -> schema.Schema:
    """The schema of the next version."""
    now = schema.DEVICE_LIST
    return now._replace(migrations=(*now.migrations, step))


class TestVersions:
    """Older files are brought up, newer ones are left alone."""

    def test_a_newer_file_is_refused_and_untouched(self) -> None:
        add("yard")
        path = find_list_path()
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {schema.DEVICE_LIST.version + 1}")
        connection.close()
        before = path.read_bytes()
        with pytest.raises(StorageError, match="newer v380cli"), open_device_list():
            pass
        assert path.read_bytes() == before

    def test_an_older_file_takes_only_the_steps_that_it_lacks(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add("yard")
        step = ("ALTER TABLE devices ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",)
        monkeypatch.setattr(schema, "DEVICE_LIST", add_step(step))
        assert list_names() == ["yard"]
        with sqlite3.connect(find_list_path()) as connection:
            assert connection.execute("SELECT colour FROM devices").fetchall() == [("red",)]
        connection.close()
        assert list_names() == ["yard"]

    def test_a_step_that_fails_leaves_the_file_at_its_version(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add("yard")
        step = ("CREATE TABLE half (x)", "CREATE NONSENSE")
        with monkeypatch.context() as patch:
            patch.setattr(schema, "DEVICE_LIST", add_step(step))
            with pytest.raises(StorageError), open_device_list():
                pass
        assert list_names() == ["yard"]


class TestDamage:
    """A damaged file is set aside under a name that is told, never overwritten."""

    def assert_set_aside(self, content: bytes) -> None:
        path = find_list_path()
        before = set(path.parent.glob("devices.db.corrupt-*"))
        with pytest.raises(StorageError, match="damaged") as caught, open_device_list() as devices:
            devices.list_devices()
        [aside] = set(path.parent.glob("devices.db.corrupt-*")) - before
        assert str(aside) in caught.value.message
        assert aside.read_bytes() == content
        assert mode(aside) == 0o600
        assert list_names() == []

    def test_a_file_that_is_no_database(self) -> None:
        for content in (b"no database at all " * 50, b"another one " * 100):
            add_garbage(content)
            self.assert_set_aside(content)

    def test_a_file_that_was_cut_off(self) -> None:
        with open_device_list() as devices, devices.transaction():
            for number in range(200):
                devices.add(DeviceRecord(device=Device(name=f"camera {number}")))
        path = find_list_path()
        content = path.read_bytes()[: 3 * 4096]
        path.write_bytes(content)
        self.assert_set_aside(content)

    def test_who_comes_late_does_not_set_the_new_list_aside(self) -> None:
        add("old")
        path = find_list_path()
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        with (
            pytest.raises(StorageError, match="another command"),
            open_device_list() as devices,
        ):
            path.unlink()
            add("new")
            devices.list_devices()
        assert list_names() == ["new"]


def add_garbage(content: bytes) -> None:
    paths.make_private_dir(find_list_path().parent)
    paths.make_private_file(find_list_path())
    find_list_path().write_bytes(content)


def test_fifty_commands_at_once_lose_nothing() -> None:
    ids = range(1000, 1000 + PROCESSES * ADDS_EACH)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ADD_SEVERAL, *map(str, ids[first::PROCESSES])],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for first in range(PROCESSES)
    ]
    talks = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, talks
    with open_device_list() as devices:
        passwords = {
            record.device.device_id: devices.read_password(record.device.name).reveal()
            for record in devices.list_devices()
        }
    assert passwords == {number: f"secret-{number}" for number in ids}


def test_forty_kills_at_any_point_leave_a_whole_list() -> None:
    script = [sys.executable, "-c", ADD_AND_KILL, str(KILLS)]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    promised = set(done.stdout.split())
    assert len(promised) >= KILLS // 8 * sum(range(8))
    with open_device_list() as devices:
        records = devices.list_devices()
        assert {devices.read_password(r.device.name).reveal() for r in records} == {"x"}
    assert {record.groups for record in records} == {("g",)}
    assert promised <= {record.device.name for record in records}
    with sqlite3.connect(find_list_path()) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.parametrize("place", ["~nobody-of-this-name/data", f"/tmp/{'x' * 300}/data"])
@pytest.mark.parametrize("create", [False, True])
def test_a_place_that_cannot_be_is_told(
    place: str, create: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, place)
    with pytest.raises(StorageError), open_device_list(create=create):
        pass


def test_what_no_file_of_ours_can_hold_is_told(data_dir: Path) -> None:
    with pytest.raises(StorageError, match="not in UTF-8"), open_device_list() as devices:
        devices.find_by_address("caf\udce9")
