"""`v380 devices`: what scripts and people meet."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import typer

from tests.cli import make_environment
from tests.warm import V380, Process
from v380cli.app import app
from v380cli.commands import _boundary
from v380cli.errors import (
    CameraBusy,
    CameraNotFound,
    CredentialsRefused,
    NetworkTimeout,
    RemoteProtocolError,
)
from v380cli.models import Beacon, Device, Secret
from v380cli.store.database import DeviceRecord, open_device_list
from v380cli.work.devices import checking
from v380cli.work.devices.checking import Check

PASSWORD = "hunter2-äöü"
MAC = "00:11:22:33:44:55"


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `v380 devices ARGS` in this process, without a terminal."""

    def run_devices(*args: str) -> Done:
        code = _boundary.run(typer.main.get_command(app), ["devices", *args])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run_devices


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], list[str]]:
    """Somebody at a terminal who answers each question by its first word."""

    def answer(answers: Mapping[str, str]) -> list[str]:
        asked: list[str] = []

        def prompt(text: str, **options: Any) -> str:
            asked.append(text)
            return answers.get(text.partition(" ")[0], options.get("default", ""))

        def confirm(text: str, **_: Any) -> bool:
            asked.append(text)
            return answers.get("Remove") == "y"

        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr(typer, "prompt", prompt)
        monkeypatch.setattr(typer, "confirm", confirm)
        return asked

    return answer


def add(name: str, groups: tuple[str, ...] = (), **fields: Any) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=name, **fields), groups=groups))


def read_password(name: str) -> str:
    with open_device_list() as devices:
        return devices.read_password(name).reveal()


def list_names() -> list[str]:
    with open_device_list() as devices:
        return [name for name, _, _ in devices.list_names()]


class TestList:
    """Plain lines in a pipe, JSON on request."""

    def test_an_empty_list(self, run: Run, data_dir: Path) -> None:
        assert run("list", "--json") == (0, "[]\n", "")
        done = run("list")
        assert (done.code, done.out) == (0, "")
        assert "v380 devices add" in done.err
        assert not data_dir.exists()

    def test_lines_for_a_pipe(self, run: Run) -> None:
        add("Front yard", device_id=11, host="10.0.0.1", mac=MAC, groups=("a", "b"))
        add("b")
        assert run("list").out.splitlines() == [
            "b\t\t\t\t\t",
            f"Front yard\t11\t10.0.0.1:8800\t{MAC}\ta b\t",
        ]

    def test_json(self, run: Run) -> None:
        add("yard", device_id=11, password=Secret(PASSWORD), quality="sd")
        [entry] = run("list", "--json").json
        assert entry.pop("added").endswith("+00:00")
        assert entry == {
            "name": "yard",
            "id": 11,
            "address": None,
            "port": 8800,
            "mac": None,
            "username": "admin",
            "quality": "sd",
            "login_variant": "",
            "ptz_swapped": False,
            "via": "auto",
            "learnt_via": None,
            "rtsp_url": None,
            "groups": [],
            "notes": "",
            "last_seen": None,
        }

    @pytest.fixture
    def log_ins(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """Cameras that are what their names say; the passwords that they were tried with."""
        outcomes: dict[str, Exception | None] = {
            "busy": CameraBusy("x"),
            "fine": None,
            "garbage": RemoteProtocolError("x"),
            "off": NetworkTimeout("it says nothing"),
            "wrong": CredentialsRefused("the camera refused the password"),
        }
        tried = {}

        def log_in(device: Device, **_: object) -> SimpleNamespace:
            if not device.host:
                raise CameraNotFound("x")
            tried[device.name] = device.password.reveal()
            if error := outcomes[device.name]:
                raise error
            return SimpleNamespace(variant_name="PADDED")

        monkeypatch.setattr("v380cli.camera.access.log_in", log_in)
        return tried

    def test_check(self, run: Run, log_ins: dict[str, str]) -> None:
        names = ["busy", "fine", "garbage", "off", "wrong"]
        for number, name in enumerate(names, start=1):
            add(name, device_id=number, host="127.0.0.1", password=Secret(PASSWORD))
        done = run("list", "--check", "--json")
        assert done.code == 10
        assert "4 of 5 cameras failed" in done.err
        results = {e["name"]: (e["reachable"], e["login"], e["error"]) for e in done.json}
        assert results == {
            "busy": (True, None, "busy"),
            "fine": (True, True, None),
            "garbage": (True, None, "protocol_remote"),
            "off": (False, None, "timeout"),
            "wrong": (True, False, "credentials_refused"),
        }
        assert log_ins == dict.fromkeys(names, PASSWORD)
        seen = {entry["name"] for entry in run("list", "--json").json if entry["last_seen"]}
        assert seen == {"busy", "fine", "garbage", "wrong"}
        shown = run("list", "--check").out
        assert "off\t4\t127.0.0.1:8800\tno\t?\tit says nothing" in shown
        assert "(user 'admin', the password in the device list)" in shown

    def test_a_check_finds_a_camera_and_takes_the_environment_where_the_list_has_no_password(
        self, run: Run, log_ins: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer_to_questions(monkeypatch, Beacon(device_id=99, ip="10.0.0.9", mac=MAC))
        monkeypatch.setenv("V380_PASSWORD", "of the environment")
        add("fine", device_id=99)
        done = run("list", "--check", "--json")
        assert done.code == 0
        assert [(e["address"], e["login"]) for e in done.json] == [("10.0.0.9", True)]
        assert log_ins == {"fine": "of the environment"}


class TestShow:
    """One camera; its password only on demand."""

    @pytest.fixture(autouse=True)
    def _yard(self) -> None:
        add("yard", device_id=11, password=Secret(PASSWORD), groups=("out",))

    @pytest.mark.parametrize("args", [(), ("--json",)])
    def test_no_password_without_reveal(self, run: Run, args: tuple[str, ...]) -> None:
        done = run("show", "11", *args)
        assert done.code == 0
        assert "yard" in done.out
        assert PASSWORD not in done.out + done.err

    def test_reveal(self, run: Run) -> None:
        assert f"password\t{PASSWORD}\n" in run("show", "yard", "--reveal").out
        document = run("show", "yard", "--reveal", "--json").json
        assert (document["password"], document["has_password"]) == (PASSWORD, True)

    def test_some_of_the_list(self, run: Run) -> None:
        for name, groups in (("hall", ("left",)), ("attic", ()), ("gate", ("left",))):
            add(name, groups=groups)
        names = [d["name"] for d in run("list", "@left", "attic", "--json").json]
        assert sorted(names) == ["attic", "gate", "hall"]
        assert run("list", "attik").code == 3

    def test_an_id_under_several_names_is_said(self, run: Run, tmp_path: Path) -> None:
        run("add", "hall", "--id", "5", "--no-check")
        file = tmp_path / "more.csv"
        file.write_text("name,id\ngate,5\nloft,6\n")
        assert "'gate', 'hall' have the same id." in run("import", str(file)).err

    def test_a_group_is_no_camera(self, run: Run) -> None:
        add("hall", groups=("out",))
        assert run("show", "@out").code == 2

    def test_an_unknown_one(self, run: Run) -> None:
        done = run("show", "yart", "--json")
        assert done.code == 3
        assert done.json["error"]["code"] == "not_found"
        assert "'yard'" in done.json["error"]["hint"]


class TestAdd:
    """From arguments; from a terminal what is missing."""

    @pytest.fixture(autouse=True)
    def _network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("v380cli.camera.discover.find_beacon", lambda **_: None)
        monkeypatch.setattr(checking, "check_device", Check)

    def test_all_options(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("V380_PASSWORD", PASSWORD)
        options = "--id 11 --address CAM.lan:8801 --mac 001122334455 --username me"
        more = "--group a --group b --quality sd --notes x"
        done = run("add", "yard", *options.split(), *more.split())
        assert (done.code, done.out) == (0, "")
        with open_device_list() as devices:
            record = devices.find_by_name("yard")
        assert record is not None
        assert record.device == Device(
            name="yard",
            device_id=11,
            host="cam.lan",
            port=8801,
            mac=MAC,
            username="me",
            quality=record.device.quality,
        )
        assert (record.device.quality, record.groups, record.notes) == ("sd", ("a", "b"), "x")
        assert read_password("yard") == PASSWORD

    @pytest.mark.parametrize(
        "args",
        [
            (),
            ("yard",),
            ("--id", "11"),
            ("yard", "--id", "x"),
            ("yard", "--id", "0"),
            ("yard", "--id", str(2**31)),
            ("yard", "--mac", "00:11"),
            ("yard", "--mac", "0:0112233:4455"),
            ("yard", "--address", "a b"),
            ("yard", "--address", "10.0.0.1:99999"),
        ],
    )
    def test_usage(self, run: Run, data_dir: Path, args: tuple[str, ...]) -> None:
        assert run("add", *args).code == 2
        assert not data_dir.exists()

    def test_a_name_that_is_taken(self, run: Run) -> None:
        assert run("add", "yard", "--id", "1").code == 0
        assert run("add", "yard", "--id", "2").code == 9

    @pytest.mark.parametrize(
        ("options", "address"),
        [
            (["--address", "cam.lan:8801"], ("cam.lan", 8801)),
            (["--id", "7"], ("10.0.0.9", 8800)),
            (["--mac", MAC], ("10.0.0.9", 8800)),
        ],
    )
    def test_the_rest_is_looked_up(
        self,
        run: Run,
        monkeypatch: pytest.MonkeyPatch,
        options: list[str],
        address: tuple[str, int],
    ) -> None:
        answer_to_questions(monkeypatch, Beacon(device_id=7, ip="10.0.0.9", mac=MAC))
        assert run("add", "yard", *options).code == 0
        shown = run("show", "yard", "--json").json
        assert (shown["name"], shown["id"], shown["mac"]) == ("yard", 7, MAC)
        assert (shown["address"], shown["port"]) == address

    @pytest.mark.parametrize(
        ("options", "missing"), [(["--address", "10.0.0.9"], "id"), (["--id", "7"], "address")]
    )
    def test_one_where_nobody_answers_is_added_all_the_same(
        self, run: Run, options: list[str], missing: str
    ) -> None:
        done = run("add", "yard", *options)
        assert done.code == 0
        assert f"its {missing} is not known yet" in done.err
        assert run("show", "yard", "--json").code == 0

    def test_an_id_under_another_name_is_told(self, run: Run) -> None:
        add("porch", device_id=7)
        assert "the id of 'porch'" in run("add", "yard", "--id", "7", "--no-check").err

    def test_the_log_in_is_tried_unless_that_is_not_wanted(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refusal = CredentialsRefused("the camera refused the password", hint="mend it")
        monkeypatch.setattr(
            "v380cli.work.devices.checking.check_device", lambda it: Check(it, refusal)
        )
        known = ("--id", "11", "--address", "10.0.0.9")
        done = run("add", "yard", *known)
        assert done.code == 0
        assert done.err.endswith("the camera refused the password\n      mend it\n")
        other = ("--address", "10.0.0.8", "--no-check")
        assert run("add", "hall", *other).err == "Added 'hall'.\n"

    def test_the_name_that_is_told_is_the_one_in_the_list(self, run: Run) -> None:
        added = run("add", " front\ndoor", "--address", "10.0.0.8", "--no-check")
        assert added.err == "Added 'frontdoor'.\n"
        assert run("remove", "frontdoor", "--yes").code == 0

    def test_a_person_chooses_among_who_answers(
        self, run: Run, person: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add("known", device_id=1, host="10.0.0.250")
        answer_with(
            monkeypatch,
            Beacon(device_id=1, ip="10.0.0.1"),
            Beacon(device_id=2, ip="10.0.0.2", mac=MAC, port=8801),
        )
        asked = person({"Number": "1", "Name": "Hof", "Password": PASSWORD})
        done = run("add")
        assert done.code == 0
        assert "10.0.0.2" in done.err
        assert "10.0.0.1 " not in done.err
        with open_device_list() as devices:
            record, known = devices.find_by_name("Hof"), devices.find_by_name("known")
        assert record is not None
        assert known is not None
        assert record.device.address == "10.0.0.2:8801"
        assert (record.device.device_id, record.device.mac) == (2, MAC)
        assert known.device.host == "10.0.0.250"
        assert read_password("Hof") == PASSWORD
        assert [text.split()[0] for text in asked] == ["Number", "Name", "User", "Password"]

    def test_a_person_writes_the_id_of_a_silent_one(
        self, run: Run, person: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer_with(monkeypatch)
        person({"Device": "12345678"})
        assert run("add", "yard").code == 0
        with open_device_list() as devices:
            assert [r.device.name for r in devices.find_by_id(12345678)] == ["yard"]

    def test_a_person_is_asked_for_nothing_but_the_password(
        self, run: Run, person: Callable[..., list[str]]
    ) -> None:
        asked = person({})
        assert run("add", "yard", "--id", "5").code == 0
        assert [text.split()[0] for text in asked] == ["Password"]


def answer_to_questions(monkeypatch: pytest.MonkeyPatch, beacon: Beacon) -> None:
    answer = SimpleNamespace(beacon=beacon)
    monkeypatch.setattr("v380cli.camera.discover.find_beacon", lambda **_: answer)


def answer_with(monkeypatch: pytest.MonkeyPatch, *beacons: Beacon) -> None:
    class FakeSighting(NamedTuple):
        beacon: Beacon
        is_v380: bool = True

    class FakeResult(NamedTuple):
        sightings: list[FakeSighting]

    result = FakeResult([FakeSighting(beacon) for beacon in beacons])
    monkeypatch.setattr("v380cli.camera.discover.discover", lambda _: result)


class TestEdit:
    """What is named changes, the rest stays."""

    @pytest.fixture(autouse=True)
    def _yard(self) -> None:
        add("yard", device_id=11, host="h", password=Secret(PASSWORD), groups=("a", "b"))

    def test_each_option(self, run: Run) -> None:
        options = "--name Hof --address h2:1 --group c --no-group a --notes n --username me"
        assert run("edit", "11", *options.split()).code == 0
        document = run("show", "Hof", "--json").json
        assert (
            document.items()
            >= {
                "name": "Hof",
                "id": 11,
                "address": "h2",
                "port": 1,
                "notes": "n",
                "username": "me",
            }.items()
        )
        assert document["groups"] == ["b", "c"]
        assert read_password("Hof") == PASSWORD

    def test_an_address_without_a_port_has_the_usual_one(self, run: Run) -> None:
        run("edit", "yard", "--address", "h:1")
        run("edit", "yard", "--address", "h")
        assert run("show", "yard", "--json").json["port"] == 8800

    def test_notes_can_be_emptied(self, run: Run) -> None:
        run("edit", "yard", "--notes", "n")
        assert run("edit", "yard", "--notes", "").code == 0
        assert run("show", "yard", "--json").json["notes"] == ""

    def test_the_environment_changes_a_password_only_on_demand(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("V380_PASSWORD", "other")
        run("edit", "yard", "--notes", "n")
        assert read_password("yard") == PASSWORD
        run("edit", "yard", "--new-password")
        assert read_password("yard") == "other"

    def test_a_name_that_is_taken_changes_nothing(self, run: Run) -> None:
        add("hall")
        assert run("edit", "yard", "--name", "hall", "--notes", "n").code == 9
        assert run("show", "yard", "--json").json["notes"] == ""

    def test_nothing_to_change(self, run: Run) -> None:
        assert run("edit", "yard").code == 2


class TestRemove:
    """Asks first; all of them or none."""

    @pytest.fixture(autouse=True)
    def _cameras(self) -> None:
        for name in ("a", "b", "c"):
            add(name, groups=("g",) if name != "c" else ())

    def test_nobody_to_ask(self, run: Run) -> None:
        assert run("remove", "a").code == 2
        assert list_names() == ["a", "b", "c"]

    @pytest.mark.parametrize(("answer", "left"), [("y", ["c"]), ("n", ["a", "b", "c"])])
    def test_a_person_is_asked(
        self, run: Run, person: Callable[..., list[str]], answer: str, left: list[str]
    ) -> None:
        [asked] = [person({"Remove": answer})]
        done = run("remove", "@g", "a")
        assert (done.code == 0) == (answer == "y")
        assert list_names() == left
        assert len(asked) == 1
        assert "'a', 'b'" in asked[0]

    def test_yes(self, run: Run) -> None:
        assert run("remove", "a", "c", "--yes").code == 0
        assert list_names() == ["b"]

    def test_short_words(self, run: Run) -> None:
        assert run("rm", "a", "--yes").code == 0
        assert [line.split("\t")[0] for line in run("ls").out.splitlines()] == ["b", "c"]

    def test_an_unknown_one_saves_the_others(self, run: Run) -> None:
        assert run("remove", "a", "zzz", "--yes").code == 3
        assert list_names() == ["a", "b", "c"]


def test_a_password_typed_at_a_terminal_is_not_shown(data_dir: Path) -> None:
    master, slave = os.openpty()
    process = Process[bytes](
        [*V380, "devices", "add", "yard", "--id", "5", "--no-check"],
        env=make_environment(data_dir),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        shown = b""
        while b"(Enter for none): " not in shown:  # its last blank comes when the echo is off
            shown += os.read(master, 1024)
        os.write(master, f"{PASSWORD}\n".encode())
        assert process.wait(timeout=60) == 0
        shown += os.read(master, 4096)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert PASSWORD not in shown.decode()
    assert "Added 'yard'" in shown.decode()
    assert read_password("yard") == PASSWORD
