"""What the device list keeps, finds, learns and refuses."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from v380cli.errors import StorageError
from v380cli.models import Beacon, Device, Quality, Secret
from v380cli.store.database import (
    DeviceList,
    DeviceRecord,
    find_list_path,
    open_device_list,
)
from v380cli.store.names import read_cameras, read_names

MAC, OTHER_MAC = "00:11:22:33:44:55", "00:11:22:33:44:66"
YEAR_2024 = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


@pytest.fixture
def devices() -> Iterator[DeviceList]:
    with open_device_list() as opened:
        yield opened


def make_record(name: str = "yard", **fields: object) -> DeviceRecord:
    return DeviceRecord(device=Device(name=name, **fields))  # type: ignore[arg-type]


def test_every_field_comes_back_but_the_password(devices: DeviceList) -> None:
    device = Device(
        name="Küche 🐈",
        device_id=2_147_483_647,
        host="192.168.1.50",
        port=8801,
        mac=MAC,
        username="me",
        password=Secret("hunter2"),
        quality=Quality.SD,
        login_variant="PADDED",
    )
    record = DeviceRecord(
        device=device,
        groups=("b", "a"),
        notes="above the door",
        added=YEAR_2024,
        last_seen=YEAR_2024 + dt.timedelta(days=1),
    )
    devices.add(record)
    stored = devices.find_by_name("Küche 🐈")
    assert stored is not None
    assert stored.device == replace(device, password=Secret())
    assert stored.has_password
    assert (stored.groups, stored.notes) == (("a", "b"), "above the door")
    assert (stored.added, stored.last_seen) == (record.added, record.last_seen)
    assert devices.read_password("Küche 🐈") == Secret("hunter2")
    assert devices.list_devices() == [stored]


def test_a_new_camera_was_added_now_and_never_seen(devices: DeviceList) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    record = devices.add(make_record())
    assert record.added is not None
    assert before <= record.added <= dt.datetime.now(dt.UTC)
    assert record.last_seen is None


def test_the_list_is_in_the_order_of_a_person(devices: DeviceList) -> None:
    for name in ("b", "C", "a"):
        devices.add(make_record(name))
    assert [record.device.name for record in devices.list_devices()] == ["a", "b", "C"]


def test_finding(devices: DeviceList) -> None:
    devices.add(replace(make_record("Yard", device_id=11, host="10.0.0.1"), groups=("out",)))
    devices.add(replace(make_record("hall", device_id=11, mac=MAC, host="10.0.0.1", port=1)))

    def names(found: list[DeviceRecord]) -> list[str]:
        return [record.device.name for record in found]

    assert devices.find_by_name("yard") is None
    assert names(devices.find_by_folded_name("YARD")) == ["Yard"]
    assert names(devices.find_by_id(11)) == ["hall", "Yard"]
    assert names(devices.find_by_mac(MAC)) == ["hall"]
    assert names(devices.find_by_address("10.0.0.1")) == ["hall", "Yard"]
    assert names(devices.find_by_address("10.0.0.1", 8800)) == ["Yard"]
    assert names(devices.find_by_group("out")) == ["Yard"]
    assert devices.list_groups() == ["out"]
    assert devices.find_by_id(12) == []


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (make_record(""), "1 to 64"),
        (make_record("\x1b\u202e "), "1 to 64"),
        (make_record("x" * 65), "1 to 64"),
        (make_record("@yard"), "group"),
        (make_record(device_id=-1), "device id"),
        (make_record(device_id=2**31), "device id"),
        (make_record(port=0), "port"),
        (make_record(port=65536), "port"),
        (replace(make_record(), notes="x" * 2001), "notes"),
        (replace(make_record(), groups=("two words",)), "group"),
        (make_record(username="a\udcff"), "user"),
        (make_record(username="a\nb"), "user"),
        (make_record(username="u" * 65), "user"),
        (make_record(password=Secret("a\nb")), "password"),
        (make_record(password=Secret("a\udcff")), "password"),
        (make_record(password=Secret("p" * 129)), "password"),
    ],
)
def test_what_the_list_does_not_take(devices: DeviceList, record: DeviceRecord, words: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        devices.add(record)
    assert devices.list_devices() == []
    password = record.device.password.reveal()
    assert not password or password not in caught.value.message


def test_a_name_is_cleaned_and_taken_once(devices: DeviceList) -> None:
    devices.add(make_record(" ga\x1b[2Jte\u200b "))
    devices.add(make_record("cafe\u0301"))
    with pytest.raises(StorageError, match="already"):
        devices.add(make_record("caf\u00e9", password=Secret("x")))
    assert [record.device.name for record in devices.list_devices()] == ["café", "ga[2Jte"]
    assert devices.find_by_name("cafe\u0301") is not None


def test_a_name_of_64_characters_is_taken(devices: DeviceList) -> None:
    assert devices.add(make_record("ü" * 64)).device.name == "ü" * 64


def test_an_update_changes_what_it_says_and_keeps_the_password(devices: DeviceList) -> None:
    devices.add(replace(make_record(password=Secret("x")), added=YEAR_2024, groups=("a",)))
    devices.update(
        "yard",
        lambda before: replace(
            before, device=replace(before.device, name="hall", host="h"), groups=("b", "c")
        ),
    )
    stored = devices.find_by_name("hall")
    assert stored is not None
    assert (stored.device.host, stored.groups, stored.added) == ("h", ("b", "c"), YEAR_2024)
    assert devices.read_password("hall") == Secret("x")
    assert devices.find_by_name("yard") is None
    assert devices.find_by_group("a") == []


def test_an_update_that_fails_changes_nothing(devices: DeviceList) -> None:
    devices.add(make_record("yard"))
    devices.add(make_record("hall"))
    with pytest.raises(StorageError, match="already"):
        devices.update("yard", lambda before: make_record("hall", host="h"))
    with pytest.raises(StorageError, match="1 to 64"):
        devices.update("yard", lambda before: make_record("", host="h"))
    assert [record.device for record in devices.list_devices()] == [
        Device(name="hall"),
        Device(name="yard"),
    ]


def test_what_is_removed_is_gone_with_all_of_it(devices: DeviceList) -> None:
    devices.add(replace(make_record(password=Secret("trace-of-me")), groups=("a",)))
    devices.remove("yard")
    assert devices.list_devices() == []
    assert devices.list_groups() == []
    with pytest.raises(StorageError, match="no camera"):
        devices.remove("yard")
    with pytest.raises(StorageError, match="no camera"):
        devices.read_password("yard")


def test_a_removed_password_leaves_no_trace_in_the_file() -> None:
    with open_device_list() as devices:
        devices.add(make_record(password=Secret("trace-of-me")))
    assert b"trace-of-me" in find_list_path().read_bytes()
    with open_device_list() as devices:
        devices.write_password("yard", Secret())
    assert b"trace-of-me" not in find_list_path().read_bytes()


def test_a_transaction_is_all_or_nothing(devices: DeviceList) -> None:
    with pytest.raises(KeyboardInterrupt), devices.transaction():
        devices.add(make_record("one"))
        devices.add(make_record("two"))
        raise KeyboardInterrupt
    assert devices.list_devices() == []


class TestLearning:
    """A beacon tells where a camera is now."""

    def test_a_new_lease_is_learnt_by_id(self, devices: DeviceList) -> None:
        devices.add(make_record(device_id=7, host="10.0.0.1"))
        beacon = Beacon(device_id=7, ip="10.0.0.2", mac=MAC, port=8801)
        learnt = devices.learn_address(beacon)
        assert learnt is not None
        assert learnt.device == Device(
            name="yard", device_id=7, host="10.0.0.2", port=8801, mac=MAC
        )
        assert learnt.last_seen is not None

    def test_a_new_lease_is_learnt_by_mac(self, devices: DeviceList) -> None:
        devices.add(make_record(mac=MAC))
        learnt = devices.learn_address(Beacon(device_id=7, ip="10.0.0.2", mac=MAC))
        assert learnt is not None
        assert (learnt.device.device_id, learnt.device.host) == (7, "10.0.0.2")

    def test_what_the_beacon_does_not_say_stays(self, devices: DeviceList) -> None:
        devices.add(make_record(device_id=7, mac=MAC, host="10.0.0.1", port=8801))
        learnt = devices.learn_address(Beacon(device_id=7, ip=""))
        assert learnt is not None
        assert (learnt.device.mac, learnt.device.address) == (MAC, "10.0.0.1:8801")

    @pytest.mark.parametrize(
        "beacon",
        [
            Beacon(device_id=8, ip="10.0.0.2"),
            Beacon(device_id=0, ip="10.0.0.1"),
            Beacon(device_id=7, ip="10.0.0.2", mac=OTHER_MAC),
            Beacon(device_id=8, ip="10.0.0.2", mac=MAC),
        ],
        ids=["other id", "nobody", "our id, other mac", "our mac, other id"],
    )
    def test_a_stranger_teaches_nothing(self, devices: DeviceList, beacon: Beacon) -> None:
        before = devices.add(make_record(device_id=7, mac=MAC, host="10.0.0.1"))
        assert devices.learn_address(beacon) is None
        assert devices.find_by_name("yard") == before

    def test_a_camera_heard_each_second_is_not_written_each_second(
        self, devices: DeviceList
    ) -> None:
        seen = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(seconds=30)
        record = make_record(device_id=7, host="10.0.0.1")
        devices.add(replace(record, last_seen=seen))
        learnt = devices.learn_address(Beacon(device_id=7, ip="10.0.0.1"))
        assert learnt is not None
        assert learnt.last_seen == seen

    def test_a_log_in_is_learnt_for_who_is_in_the_list(self, devices: DeviceList) -> None:
        devices.add(make_record(device_id=7, host="10.0.0.1"))
        accepted = Device(name="yard", device_id=7, host="10.0.0.2", login_variant="PADDED")
        devices.learn_login(accepted)
        devices.learn_login(replace(accepted, name="stranger"))
        devices.learn_login(replace(accepted, device_id=8, host="10.0.0.3"))
        [record] = devices.list_devices()
        assert record.device == accepted
        assert record.last_seen is not None

    def test_touch_notes_the_time(self, devices: DeviceList) -> None:
        devices.add(make_record())
        devices.touch("yard")
        [record] = devices.list_devices()
        assert record.last_seen is not None


def test_names_for_a_tab() -> None:
    path = find_list_path()
    assert read_names(str(path)) == []
    assert not path.parent.exists()
    with open_device_list() as devices:
        devices.add(make_record(device_id=7, host="h"))
    assert read_names(str(path)) == ["yard"]
    assert read_cameras(str(path)) == [("yard", 7, "h")]
    path.write_bytes(b"no database" * 100)
    assert read_names(str(path)) == []
    assert path.exists()


@pytest.mark.parametrize("folder", ["100%25 mine?mode=rwc#1", "é \udcff"])
def test_names_are_read_wherever_the_list_is(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(folder) / "devices.db"
    with open_device_list(path) as devices:
        devices.add(make_record())
    assert read_names(str(path)) == ["yard"]
