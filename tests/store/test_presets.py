"""Positions stored from here, and how a list of the first version gets room for them."""

import sqlite3

import pytest

from v380cli.errors import InvalidInput
from v380cli.models import Device, Secret
from v380cli.store import paths, schema
from v380cli.store.database import DeviceRecord, find_list_path, open_device_list

INSERT = """
    INSERT INTO devices VALUES (
        'k1', 'yard', 'yard', 11, '', '10.0.0.1', 8800, 'admin', 'database', 'sd',
        '31-given-zero48', 'a note', '2024-05-06T07:08:09+00:00', ''
    )
"""


def add(name: str) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=name, password=Secret("x"))))


def test_a_list_of_the_first_version_keeps_all_it_has() -> None:
    path = find_list_path()
    paths.make_private_dir(path.parent)
    paths.make_private_file(path)
    with sqlite3.connect(path) as connection:
        for statement in (*schema.MIGRATIONS[0], INSERT, "PRAGMA user_version = 1"):
            connection.execute(statement)
        connection.execute("INSERT INTO passwords VALUES ('k1', 'secret1')")
    connection.close()
    with open_device_list(create=False) as devices:
        (record,) = devices.list_devices()
        assert (record.device.name, record.notes, record.device.ptz_swapped) == (
            "yard",
            "a note",
            False,
        )
        assert devices.read_password("yard") == Secret("secret1")
        assert devices.open_presets("yard").list_presets() == []
        devices.learn_swap("yard", True)
    with open_device_list(create=False) as devices:
        assert devices.list_devices()[0].device.ptz_swapped
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.DEVICE_LIST.version,)
    connection.close()


def test_a_swap_stays_through_other_changes() -> None:
    add("yard")
    with open_device_list() as devices:
        devices.learn_swap("yard", True)
        devices.learn_login(Device(name="yard", login_variant="legacy"))
        devices.update("yard", lambda record: record)
        assert devices.list_devices()[0].device.ptz_swapped
        devices.learn_swap("yard", False)
        assert not devices.list_devices()[0].device.ptz_swapped


def test_positions_are_kept_by_number_and_found_by_name() -> None:
    add("yard")
    add("hall")
    with open_device_list() as devices:
        yard, hall = devices.open_presets("yard"), devices.open_presets("hall")
        yard.note(3, "Gate")
        yard.note(1)
        hall.note(3, "door")
        assert [(p.number, p.name) for p in yard.list_presets()] == [(1, ""), (3, "Gate")]
        found = yard.find_by_name("gate")
        assert found is not None
        assert (found.number, found.stored is not None) == (3, True)
        assert yard.find_by_name("door") is None
        yard.note(3)
        assert yard.list_presets()[1].name == "Gate", "set anew, it is called as before"
        yard.forget(3)
        assert [p.number for p in yard.list_presets()] == [1]


@pytest.mark.parametrize("name", ["7", "x" * 33])
def test_a_name_that_is_none(name: str) -> None:
    add("yard")
    with open_device_list() as devices, pytest.raises(InvalidInput, match="not a name"):
        devices.open_presets("yard").note(1, name)


def test_a_name_without_a_letter_finds_nothing() -> None:
    add("yard")
    with open_device_list() as devices:
        devices.open_presets("yard").note(1)
        assert devices.open_presets("yard").find_by_name("") is None


def test_they_go_with_their_camera() -> None:
    add("yard")
    with open_device_list() as devices:
        devices.open_presets("yard").note(1)
        devices.remove("yard")
    with sqlite3.connect(find_list_path()) as connection:
        assert connection.execute("SELECT count(*) FROM presets").fetchone() == (0,)
    connection.close()
