"""Device lists in files: what is written reads back the same, and hurts nobody."""

import csv
import datetime as dt
import io
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from v380cli.app import app
from v380cli.commands import _boundary
from v380cli.errors import StorageError
from v380cli.models import MAX_DEVICE_ID, Device, Quality, Secret, Via
from v380cli.store.database import DeviceRecord, find_list_path, open_device_list
from v380cli.store.records import clean_record, normalise
from v380cli.work import user_files
from v380cli.work.devices import documents
from v380cli.work.devices.documents import (
    choose_format,
    describe_record,
    format_entries,
    parse_records,
)
from v380cli.work.devices.formats import FileFormat

PASSWORD = "hunter2"
KINDS = list(FileFormat)

texts = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("=+-@'\",;\\#[] "))
cleaned = texts.map(normalise)
names = cleaned.filter(lambda name: 0 < len(name) <= 64 and not name.startswith("@"))
words = st.text("abcXYZ089_.-", min_size=1, max_size=32)
hosts = st.ip_addresses(v=4).map(str) | st.just("cam-1.lan")
macs = st.integers(1, 2**48 - 1).map(
    lambda number: ":".join(f"{number:012x}"[at : at + 2] for at in range(0, 12, 2))
)
times = st.datetimes(timezones=st.just(dt.UTC)).map(lambda time: time.replace(microsecond=0))
devices_ = st.builds(
    Device,
    name=names,
    device_id=st.integers(0, MAX_DEVICE_ID),
    host=hosts | st.just(""),
    port=st.integers(1, 65535),
    mac=macs | st.just(""),
    username=cleaned.filter(lambda name: 0 < len(name) <= 64),
    password=texts.filter(lambda text: len(text) <= 128).map(Secret),
    quality=st.sampled_from(Quality) | st.none(),
    login_variant=st.sampled_from(["", "PADDED"]),
    via=st.sampled_from(Via),
    learnt_via=st.sampled_from([Via.LAN, Via.RTSP]) | st.none(),
    rtsp_url=st.sampled_from(["", "rtsp://10.0.0.1:8554/live/ch00_1"]),
)
records_ = st.builds(
    DeviceRecord,
    device=devices_,
    groups=st.lists(words, max_size=3).map(tuple),
    notes=cleaned,
    added=st.none() | times,
    last_seen=st.none() | times,
).map(clean_record)


def run(*args: str) -> int:
    return _boundary.run(typer.main.get_command(app), ["devices", *args])


def add(name: str, **fields: Any) -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=name, password=Secret(PASSWORD), **fields)))


def list_records() -> list[DeviceRecord]:
    with open_device_list() as devices:
        return [replace(record, key="") for record in devices.list_devices()]


def read_password(name: str) -> str:
    with open_device_list() as devices:
        return devices.read_password(name).reveal()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(records=st.lists(records_, max_size=3))
def test_every_record_survives_every_format(kind: FileFormat, records: list[DeviceRecord]) -> None:
    entries = [
        describe_record(record) | {"password": record.device.password.reveal()}
        for record in records
    ]
    assert parse_records(format_entries(entries, kind), kind, "x") == records


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_goes_out_and_comes_back(kind: FileFormat, tmp_path: Path) -> None:
    with open_device_list() as devices:
        for name in ("=1+1", "'quoted", 'a "b", c'):
            device = Device(name=name, device_id=5, host="h", password=Secret(f"-{name}"))
            devices.add(DeviceRecord(device=device, groups=("a", "b"), notes="n"))
    before = list_records()
    file = tmp_path / f"list.{kind}"
    assert run("export", str(file), "--with-passwords") == 0
    assert run("remove", "--yes", *[record.device.name for record in before]) == 0
    assert run("import", str(file)) == 0
    assert list_records() == before
    assert [read_password(r.device.name) for r in before] == [f"-{r.device.name}" for r in before]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("with_passwords", [True, False])
def test_passwords_only_on_demand_and_then_private(
    kind: FileFormat, with_passwords: bool, tmp_path: Path
) -> None:
    add("yard")
    file = tmp_path / f"list.{kind}"
    file.touch(mode=0o644)
    assert run("export", str(file), *(["--with-passwords"] if with_passwords else [])) == 0
    assert (PASSWORD in file.read_text()) == with_passwords
    assert bool(file.stat().st_mode & 0o077) != with_passwords
    assert [path.name for path in tmp_path.glob("list*")] == [file.name]


def test_a_pipe_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    add("yard")
    assert run("export", "-") == 0
    captured = capsys.readouterr()
    assert [entry["name"] for entry in json.loads(captured.out)] == ["yard"]
    assert captured.err == ""


def test_what_list_prints_can_be_imported(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    add("yard", device_id=7)
    assert run("list", "--json") == 0
    (tmp_path / "list.json").write_text(capsys.readouterr().out)
    assert run("import", str(tmp_path / "list.json"), "--update") == 0
    assert [record.device.device_id for record in list_records()] == [7]
    assert read_password("yard") == PASSWORD


def test_a_spreadsheet_sees_no_formula() -> None:
    entries = [describe_record(DeviceRecord(device=Device(name="=cmd()"), notes="@SUM(1)"))]
    [header, row] = csv.reader(io.StringIO(format_entries(entries, FileFormat.CSV)))
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert "name" in header


def test_toml_is_an_array_of_tables() -> None:
    entries = [describe_record(DeviceRecord(device=Device(name=name))) for name in "ab"]
    document = tomllib.loads(format_entries(entries, FileFormat.TOML))
    assert [device["name"] for device in document["device"]] == ["a", "b"]


def test_a_csv_from_a_spreadsheet_is_read() -> None:
    text = '\ufeffid,name,groups,rating\r\n12,"Front, yard",out front,5\r\n'
    [record] = parse_records(text.removeprefix("\ufeff"), FileFormat.CSV, "x")
    assert record.device == Device(name="Front, yard", device_id=12)
    assert record.groups == ("front", "out")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("json", ""),
        ("json", "{}"),
        ("json", "[1]"),
        ("json", '[{"id": 5}]'),
        ("json", '[{"name": 5}]'),
        ("json", '[{"name": "x", "id": "y"}]'),
        ("json", '[{"name": "x", "id": true}]'),
        ("json", '[{"name": "x", "id": 4294967296}]'),
        ("json", '[{"name": "x", "mac": "y"}]'),
        ("json", '[{"name": "x", "address": "a b"}]'),
        ("json", '[{"name": "x", "groups": [1]}]'),
        ("json", '[{"name": "x", "groups": 1}]'),
        ("json", '[{"name": "x", "quality": "8k"}]'),
        ("json", '[{"name": "x", "added": "yesterday"}]'),
        ("json", '[{"name": "x", "added": "0001-01-01T00:00:00+14:00"}]'),
        ("json", '[{"name": "x", "password": 12}]'),
        ("json", '[{"name": "x", "password": "hunter2\\n"}]'),
        ("json", '[{"name": "x", "login_variant": "\\ud800"}]'),
        ("json", "[" * 100_000),
        ("csv", 'name\n"x'),
        ("csv", "id\n5\n"),
        ("csv", f"name\n{'x' * 200_000}\n"),
        ("toml", "device = 5"),
        ("toml", "x"),
        ("toml", f"x = {'[' * 100_000}"),
    ],
)
def test_what_is_no_list_changes_nothing(
    kind: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list"
    file.write_text(text)
    assert run("import", str(file), "--format", kind) == 9
    assert not find_list_path().exists()
    assert PASSWORD not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("json", '[{"name": "a"}, {"name": "b"}, {"name": "c"}]'),
        ("csv", "name\na\nb\nc\n"),
        ("toml", '[[device]]\nname="a"\n[[device]]\nname="b"\n[[device]]\nname="c"\n'),
    ],
)
def test_so_many_cameras_and_no_more(kind: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(parse_records(text, FileFormat(kind), "f")) == 3
    monkeypatch.setattr(documents, "MAX_CAMERAS", 2)
    with pytest.raises(StorageError, match="more than 2 cameras"):
        parse_records(text, FileFormat(kind), "f")


def test_as_many_cameras_as_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    names = "".join(f"camera {number},x\n" for number in range(documents.MAX_CAMERAS))
    file.write_text(f"name,password\n{names}")
    assert run("import", str(file)) == 0
    assert len(list_records()) == documents.MAX_CAMERAS
    assert read_password("camera 9999") == "x"


def test_the_wrong_camera_is_told_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"camera 2.*'id'"):
        parse_records('[{"name": "a"}, {"name": "b", "id": "x"}]', FileFormat.JSON, "f")


def test_an_import_is_all_or_nothing(tmp_path: Path) -> None:
    add("yard", device_id=7)
    file = tmp_path / "list.json"
    file.write_text('[{"name": "new"}, {"name": "yard", "id": 8}]')
    assert run("import", str(file)) == 9
    assert [record.device.name for record in list_records()] == ["yard"]
    assert run("import", str(file), "--update") == 0
    assert [record.device.device_id for record in list_records()] == [0, 8]
    assert read_password("yard") == PASSWORD


def test_a_camera_that_is_there_or_comes_twice_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("name\ngate\n")
    assert run("import", str(file)) == 0
    assert run("import", str(file)) == 9
    assert "--update" in capsys.readouterr().err
    file.write_text("name\nhall\ngate\nhall\n")
    assert run("import", "--update", str(file)) == 9
    assert "'hall' is to be imported 2 times" in capsys.readouterr().err
    assert [record.device.name for record in list_records()] == ["gate"]


def test_thousands_of_cameras_are_few_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"name": f"cam {number}", "id": 1 + number // 2} for number in range(2000)]
    file = tmp_path / "list.json"
    file.write_text(json.dumps([row | {"groups": ["all"]} for row in rows]))
    assert run("import", str(file)) == 0
    told = capsys.readouterr().err.splitlines()
    assert (told[0], told[1]) == ("Imported 2000 cameras.", "'cam 0', 'cam 1' have the same id.")
    assert told[-1] == "990 more ids are in the list more than once."
    assert len(told) == 12
    assert run("remove", "@all", "--yes") == 0
    assert capsys.readouterr().err.endswith("and 1990 more.\n")
    assert list_records() == []


@pytest.mark.parametrize("name", ["-x", "--help", "1", "10.0.0.1", "all", "a/b", "\u05e9\u05dc"])
def test_odd_names_are_names(name: str) -> None:
    add(name)
    assert run("edit", "--notes", "x", "--", name) == 0
    assert [record.notes for record in list_records()] == ["x"]
    assert run("remove", "--yes", "--", name) == 0
    assert list_records() == []


def test_a_file_is_read_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_files, "TEXT_MAX_BYTES", 10)
    (tmp_path / "list.json").write_text(" " * 8 + "[]")
    assert run("import", str(tmp_path / "list.json")) == 0
    (tmp_path / "list.json").write_text(" " * 9 + "[]")
    assert run("import", str(tmp_path / "list.json")) == 9


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    if content:
        file.write_bytes(content)
    assert run("import", str(file)) == 9


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "missing" / "list.json")) == 9


def test_the_ending_says_the_format(tmp_path: Path) -> None:
    assert choose_format(Path("x.TOML"), None) is FileFormat.TOML
    assert choose_format(Path("x.toml"), FileFormat.CSV) is FileFormat.CSV
    assert run("export", str(tmp_path / "list.xml")) == 2
