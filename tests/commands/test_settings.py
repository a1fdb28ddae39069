"""`v380 settings`: reading, changing, dumps for many cameras, what is not done."""

import json
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import RunHere
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    add_to_list,
    address_args,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
)
from v380cli.commands.settings import changing, reading
from v380cli.errors import StorageError
from v380cli.models import Device, Secret
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.settings.desk import Generation, SettingsDesk
from v380cli.store.database import DeviceList
from v380cli.wire.commands import Result
from v380cli.wire.versions import UpdateReply
from v380cli.work.settings.documents import list_changes
from v380cli.work.settings.edits import remember_account
from v380cli.work.settings.reading import FILE_KIND, FILE_VERSION
from v380cli.work.settings.topics import SHOWN, TOPICS

NEW_PASSWORD = "open-4712"

V380 = Callable[..., Done]


@dataclass(frozen=True)
class Settings:
    """`v380 settings` on a simulated camera."""

    camera: SimulatedCamera
    run: RunHere

    def __call__(self, command: str, *args: str, code: int = 0, **options: Any) -> Any:
        environment = {"V380_PASSWORD": PASSWORD, **options.pop("env", {})}
        where = (*address_args(self.camera), *args)
        result = self.run("settings", command, *where, env=environment, **options)
        assert result.returncode == code, result.stderr
        for secret in (PASSWORD, NEW_PASSWORD):
            assert secret not in result.stdout + result.stderr
        return result

    def json(self, command: str, *args: str, **options: Any) -> Any:
        """The document; of get and set that of the one camera."""
        document = json.loads(self(command, *args, "--json", **options).stdout)
        return document[0] if command in ("get", "set") and not options.get("code") else document

    def get(self, subject: str) -> Any:
        return self.json("get", subject)["settings"][subject]


@pytest.fixture(params=list(Generation))
def generation(request: pytest.FixtureRequest) -> Generation:
    return Generation(request.param)


@pytest.fixture
def settings(run_here: RunHere) -> Iterator[Settings]:
    with open_camera() as camera:
        yield Settings(camera, run_here)


@pytest.fixture
def any_settings(run_here: RunHere, generation: Generation) -> Iterator[Settings]:
    """Of a camera of each generation."""
    with open_camera(settings=generation) as camera:
        yield Settings(camera, run_here)


def test_everything_is_shown_and_what_is_not_there_is_said(any_settings: Settings) -> None:
    document = any_settings.json("get")
    assert {"record", "clock", "alarm", "user", "versions", "address"} <= set(document["settings"])
    is_old = document["settings"]["light"] is None
    assert document["missing"] == ({"light": "not offered"} if is_old else {})
    assert abs(document["settings"]["clock"]["drift_s"]) < 60


def test_a_change_is_read_back_and_the_rest_stays(any_settings: Settings) -> None:
    before = any_settings.get("record")
    change = any_settings.json("set", "record", "always=on", "full=stop")
    assert (change["subject"], change["before"], change["verified"]) == ("record", before, True)
    assert change["after"] == {**before, "always": "on", "full": "stop"}
    assert any_settings.get("record") == change["after"]


def test_an_alarm_keeps_its_windows_and_its_grid(any_settings: Settings) -> None:
    before = any_settings.get("alarm")
    any_settings("set", "alarm", "motion=off")
    assert any_settings.get("alarm") == {**before, "motion": "off"}
    assert before["grid"]


def test_the_clock_is_set(settings: Settings) -> None:
    settings("set", "clock", "2020-02-29T12:00:00")
    assert settings.get("clock")["time"].startswith("2020-02-29 12:00")
    change = settings.json("set", "clock", "now")
    assert abs(change["after"]["drift_s"]) < 60 < abs(change["before"]["drift_s"])


def test_a_part_of_a_second_is_no_change() -> None:
    before, after = {"zone": 0, "drift_s": 0.4}, {"zone": 3, "drift_s": -0.2}
    assert list_changes(before, after) == [("zone", "0", "3")]


def test_a_camera_is_found_at_the_address_that_it_was_given(settings: Settings) -> None:
    change = settings.json("set", "address", "ip=127.0.0.62", "mask=255.0.0.0")
    assert (change["after"]["mode"], change["after"]["ip"]) == ("static", "127.0.0.62")
    back = settings.json("set", "address", "dhcp")
    assert (back["before"], back["after"]["mode"]) == (change["after"], "dhcp")


def test_a_plan_changes_nothing(settings: Settings) -> None:
    before = settings.get("light")
    change = settings.json("set", "light", "brightness=7", "--dry-run")
    assert (change["after"]["brightness"], change["verified"]) == (7, False)
    assert settings.get("light") == before


@pytest.mark.parametrize(
    "words",
    [
        ("record", "always=maybe"),
        ("record", "colour=red"),
        ("record",),
        ("versions", "app=1"),
        ("weather", "sun=on"),
        ("address", "static", "ip=10.0.0.5", "mask=255.255.255.0", "gateway=10.0.1.1"),
        ("address", "dhcp", "ip=10.0.0.5"),
        ("password", "secret"),
        ("light", "brightness=999"),
        ("light", "brightness=" + "9" * 5000),
        ("clock", "time=0001-01-01T00:00:00+14:00"),
        (),
    ],
)
def test_what_makes_no_sense_is_not_sent(settings: Settings, words: tuple[str, ...]) -> None:
    settings("set", *words, code=2)


def test_what_the_camera_does_not_have_is_an_error_when_it_is_wanted(run_here: RunHere) -> None:
    with open_camera(settings=Generation.LEGACY) as camera:
        error = Settings(camera, run_here).json("set", "light", "brightness=7", code=6)["error"]
        assert "does not offer the setting light" in error["message"]


def test_a_refusal(run_here: RunHere) -> None:
    with open_camera("setting-refused") as camera:
        Settings(camera, run_here)("set", "record", "always=on", code=7)


def test_another_password_is_proven_by_a_log_in(any_settings: Settings) -> None:
    given = {"stdin": f"{NEW_PASSWORD}\n"}
    change = any_settings.json("set", "password", "--new-password-stdin", **given)
    assert (change["after"], change["verified"]) == ({"is_set": True}, True)
    any_settings("get", "versions", code=5)
    any_settings("get", "versions", env={"V380_PASSWORD": NEW_PASSWORD})


def test_a_list_that_cannot_take_the_new_account_is_told_with_what_to_do(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("the disk is full")

    former = Device(name="back yard", username="admin", password=Secret("old"))
    add_to_list(former)
    monkeypatch.setattr(DeviceList, "write_password", refuse)
    with pytest.raises(StorageError, match="back yard has changed, and the device list") as caught:
        remember_account(former, replace(former, password=Secret(NEW_PASSWORD)))
    assert "devices edit 'back yard' --new-password --username admin" in caught.value.hint
    assert NEW_PASSWORD not in caught.value.message + caught.value.hint


def test_a_dump_sets_another_camera(settings: Settings, run_here: RunHere, tmp_path: Path) -> None:
    settings("set", "record", "always=on", "size=vga")
    file = tmp_path / "dump.json"
    settings("dump", "-o", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    document = json.loads(file.read_text())
    assert set(document["settings"]) == {"record", "clock", "alarm", "light", "address"}
    with open_camera(device_id=11223344) as other:
        second = Settings(other, run_here)
        planned = second.json("apply", str(file), "--dry-run")
        assert "address" not in {change["subject"] for change in planned[0]["settings"]}
        assert not any(change["verified"] for change in planned[0]["settings"][:1])
        assert second.get("record")["always"] == "off"
        (applied,) = second.json("apply", str(file))
        assert applied["errors"] == {}
        assert all(change["verified"] for change in applied["settings"])
        assert second.get("record")["size"] == "vga"
        again = second("apply", str(file))
        assert again.stdout == ""
        kept = f"the address in the file is that of {document['id']} and goes to no other camera"
        assert again.stderr == f"{kept}\n11223344: all is so already\n"
        document["settings"] = {"address": document["settings"]["address"]}
        file.write_text(json.dumps(document))
        refused = second.json("apply", str(file), code=2)
        assert "nothing but the address" in refused["error"]["message"]


def test_what_was_set_before_an_interrupt_is_told(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    wanted = {"settings": {"record": {"always": "on"}}}
    file.write_text(json.dumps({"kind": FILE_KIND, "version": FILE_VERSION, **wanted}))
    with open_camera() as camera, socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(TIMEOUT_S)
        add_to_list(make_device(camera, "porch"))
        add_to_list(Device(name="deaf", device_id=5, host="127.0.0.1", port=deaf.getsockname()[1]))
        words = ("settings", "apply", "porch", "deaf", str(file), "--json")
        with start_v380(data_dir, *words) as process, deaf.accept()[0] as link:
            assert link.recv(4)
            process.send_signal(signal.SIGINT)
            out, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, talk.count("interrupted")) == (130, 1)
    porch, other = json.loads(out)
    assert porch["settings"][0]["after"]["always"] == "on"
    assert (other["device"], other["settings"]) == ("deaf", [])


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", "{}", "[" * 100_000, '{"kind": ' + "9" * 5000 + "}"),
        '{"kind": "settings of a V380 camera", "version": 2, "settings": {}}',
    ],
)
def test_a_file_that_is_no_dump(settings: Settings, text: str) -> None:
    settings("apply", "-", code=2, stdin=text)


def test_standard_input_is_not_read_twice(settings: Settings) -> None:
    error = settings.json("apply", "-", "--password-stdin", code=2, stdin="{}")["error"]
    assert "V380_PASSWORD" in error["message"]


def test_the_card_is_wiped_only_by_name(settings: Settings) -> None:
    settings("format", code=2)
    settings("format", "--yes", "another", code=2)
    settings("format", "--yes", str(settings.camera.spec.device_id), code=7)  # it has no card


OFFER = UpdateReply(number=10, name="App_1.2", new_number=11, new_name="App_1.3")
NO_OFFER = UpdateReply(result=Result.NO_NEW_VERSION)


@pytest.mark.parametrize(
    ("reply", "out", "err", "number"),
    [(OFFER, "new_name\tApp_1.3\n", "", 11), (NO_OFFER, "", "there is nothing newer\n", 0)],
)
def test_what_the_maker_offers_is_told(
    v380: V380,
    monkeypatch: pytest.MonkeyPatch,
    reply: UpdateReply,
    out: str,
    err: str,
    number: int,
) -> None:
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)
    monkeypatch.setattr(SettingsDesk, "_look_for_update", lambda *_: reply)
    with open_camera() as camera:
        done = v380("settings", "firmware", *address_args(camera))
        assert done.code == 0
        assert out in done.out
        assert done.err.endswith(err)
        document = v380("settings", "firmware", *address_args(camera), "--json").json
    assert document["new_number"] == number


def test_newer_firmware_is_asked_for_and_never_installed(settings: Settings) -> None:
    result = settings("firmware", code=7)
    assert "this program asks nobody" in result.stderr
    assert "has no network" in result.stderr


class TestSeveral:
    """A group: one after the other; one that fails does not hold up the others."""

    @pytest.fixture
    def cameras(self, data_dir: Path) -> Iterator[list[SimulatedCamera]]:
        with open_cameras(SMALL, replace(SMALL, device_id=11)) as cameras:
            for camera, name in zip(cameras, ("front", "yard"), strict=True):
                add_to_list(make_device(camera, name), "home")
            add_to_list(Device(name="gone", device_id=12, host="127.0.0.99"), "away")
            yield cameras

    def test_they_are_read(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        done = v380("settings", "get", "@home", "record", "--json")
        assert (done.code, [d["device"] for d in done.json]) == (0, ["front", "yard"])
        lines = v380("settings", "get", "--all", "record").out.splitlines()
        assert {line.split("\t")[0] for line in lines} == {"front", "yard"}

    def test_they_are_changed(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        done = v380("settings", "set", "@home", "record", "always=on", "--json")
        assert [d["after"]["always"] for d in done.json] == ["on", "on"]
        assert "front" in v380("settings", "set", "@home", "record", "always=off").out

    def test_one_that_fails_is_exit_10(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        done = v380("settings", "get", "--all", "clock", "--json")
        assert (done.code, len(done.json)) == (10, 3)
        assert done.json[-1]["error"]["code"] == "network"

    def test_an_address_is_for_one(self, cameras: list[SimulatedCamera], v380: V380) -> None:
        done = v380("settings", "set", "@home", "address", "dhcp")
        assert (done.code, "belongs to one camera" in done.err) == (2, True)


def test_what_a_tab_offers_is_what_there_is() -> None:
    assert list(reading.NAMES) == [topic.name for topic in SHOWN]
    assert set(changing.NAMES) == {topic.name for topic in TOPICS.values() if topic.kinds}
