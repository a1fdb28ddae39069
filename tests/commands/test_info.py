"""`v380 info`: the document, the table, several cameras, and what --redact takes out."""

import datetime as dt
import json
import os
import pty
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli import make_environment
from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    TIMEOUT_S,
    add_to_list,
    address_args,
    find_closed_port,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
    wait_until,
)
from tests.golden.recorded import read_recorded
from tests.warm import V380, run_process
from v380cli.camera.inspection import Answer, Inspection, Missing, Reason
from v380cli.camera.wall_clock import CameraZone
from v380cli.commands.info import view
from v380cli.errors import NetworkError
from v380cli.models import Device, Quality, Secret
from v380cli.redaction import Redactor
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.radio import OLD_HOME
from v380cli.store.database import open_device_list
from v380cli.wire.abilities import Abilities
from v380cli.wire.login import LoginTicket
from v380cli.wire.login_verdict import judge_reply
from v380cli.wire.settings.clock import Clock
from v380cli.wire.settings.record import CardCondition, RecordPlan
from v380cli.wire.settings.wifi import YES, NetworkStateReply, WifiMode
from v380cli.wire.versions import Versions
from v380cli.work import inspection_document as documents

Run = Callable[..., Done]

NOW = dt.datetime(2026, 11, 20, 12, 0, 10, tzinfo=dt.UTC)
TICKET = 0x0BADCAFE
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def answer(value: Any, command: int = 0) -> Any:
    return Answer(value=value, command=command, time=NOW, duration_s=0.2)


def make_inspection(name: str = "Distinctive Porch", **changes: Any) -> Inspection:
    """One with a value that cannot be mistaken in every field that tells whose camera it is."""
    device = Device(
        name=name,
        device_id=98765432,
        host="192.0.2.77",
        mac="e0:7c:62:ab:cd:ef",
        username="distinctive-user",
        password=Secret("distinctive-password"),
    )
    ticket = LoginTicket(
        ticket=TICKET,
        device_version=31,
        device_type=2,
        mount=1,
        panorama_radius=540,
        domain="98765432.distinctive.example",
        abilities=Abilities(audio=1, light=3, zoom=1, presets=1, preset_count=8),
        channels=4,
        variant_name="31-given-zero48",
    )
    parts = {
        "versions": answer(
            Versions(
                app="V380E12_GK7102_1.5.2_20260318",
                app_date="2026-03-18",
                kernel="built for E07C62ABCDEF",
                hardware="SN98765432",
                hardware_date="98765432",
                new_name="HwDistinctive0011223344",
            ),
            319,
        ),
        "record": answer(
            RecordPlan(card=CardCondition.GOOD, card_size=30000, card_free=12000, size=4711), 313
        ),
        "clock": answer(Clock(text="2026-11-20 12:00:13", zone=8, zone_on=1), 315),
        "network": answer(
            NetworkStateReply(
                mode=WifiMode.STATION,
                hotspot_ssid="MV98765432",
                has_station=YES,
                ssid="Distinctive Home",
                psk_begin=ord("s"),
            ),
            311,
        ),
    }
    streams = dict.fromkeys(
        Quality, Missing(Reason.NO_ANSWER, "the connection to 192.0.2.77:8800 broke")
    )
    found = {"ticket": ticket, **parts, "streams": streams, **changes}
    return Inspection(device=device, **found)


def describe(inspection: Inspection) -> dict[str, Any]:
    return documents.describe_inspection(inspection, CameraZone(dt.UTC))


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("V380_PASSWORD", PASSWORD)


@pytest.fixture(scope="module")
def camera() -> Iterator[SimulatedCamera]:
    with open_camera() as camera:
        yield camera


class TestDocument:
    def test_of_a_camera(self, v380: Run, camera: SimulatedCamera, password: None) -> None:
        done = v380("info", *address_args(camera), "--json")
        (document,) = done.json
        assert (done.code, done.err) == (0, "")
        assert document["identity"]["id"] == camera.spec.device_id
        assert document["identity"]["address"] == f"{camera.host}:{camera.port}"
        assert document["login"]["variant"] == "31-given-zero48"
        assert document["abilities"]["presets"] == 8
        assert abs(document["clock"]["drift_s"]) < 60
        assert document["missing"] == {}
        assert (document["hd_stream"]["width"], document["sd_stream"]["width"]) == (192, 96)
        for ticket in camera.logins.tickets:
            assert str(ticket) not in done.out

    def test_without_streams(self, v380: Run, camera: SimulatedCamera, password: None) -> None:
        (document,) = v380("info", *address_args(camera), "--json", "--no-streams").json
        assert document["hd_stream"] is None
        assert document["missing"]["sd_stream"]["reason"] == "not_asked"

    def test_words_for_numbers(self) -> None:
        document = describe(make_inspection())
        assert document["login"] | {"variant": ""} == {
            "variant": "",
            "device_version": 31,
            "device_type": "panorama-360",
            "mount": "wall",
            "channels": 4,
            "encrypts_media": True,
        }
        assert document["abilities"]["light"] == "auto"
        assert document["abilities"]["color_mode"] == "none"
        assert document["record"]["size"] == 4711
        assert document["record"]["card"] == "good"
        assert document["identity"]["mac_maker"] == "e0:7c:62"
        assert document["network"] == {
            "command": 311,
            "mode": "station",
            "ssid": "Distinctive Home",
            "has_psk": True,
            "hotspot": "MV98765432",
        }

    def test_abilities_that_the_log_in_says_nothing_of(self) -> None:
        inspection = make_inspection()
        assert inspection.ticket
        partial = Abilities(audio=1, is_partial=True)
        inspection.ticket = replace(inspection.ticket, abilities=partial)
        abilities = describe(inspection)["abilities"]
        assert (abilities["audio"], abilities["talk"], abilities["light"]) == (True, False, None)
        inspection.ticket = replace(inspection.ticket, abilities=None)
        assert describe(inspection)["abilities"] is None

    @pytest.mark.parametrize(
        ("text", "drift_s"),
        [
            ("2026-11-20 12:00:13", 3.5),
            ("2026-11-20 11:00:09", -3600.5),
            ("1970-01-01 00:00:10", -1795175999.5),
            ("no time at all", None),
        ],
    )
    def test_drift(self, text: str, drift_s: float | None) -> None:
        """The camera shows whole seconds, so that it is half of one later on average."""
        clock = describe(make_inspection(clock=answer(Clock(text=text))))["clock"]
        assert clock["drift_s"] == drift_s
        assert clock["drift_tolerance_s"] == (None if drift_s is None else 0.6)

    def test_the_zone_of_the_camera(
        self, v380: Run, camera: SimulatedCamera, password: None
    ) -> None:
        """Its clock shows the local time of this machine."""
        here = dt.datetime.now().astimezone().utcoffset() or dt.timedelta()
        for hours in (0, 3):
            zone = dt.datetime.now(dt.timezone(here + dt.timedelta(hours=hours)))
            args = [*address_args(camera), "--json", "--no-streams", "--timezone", f"{zone:%z}"]
            (document,) = v380("info", *args).json
            assert abs(document["clock"]["drift_s"] + hours * 3600) < 60

    @pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
    @pytest.mark.parametrize("hours", [-12, 12])
    def test_a_time_at_the_end_of_all_times(self, text: str, hours: int) -> None:
        zone = CameraZone(dt.timezone(dt.timedelta(hours=hours)))
        inspection = make_inspection(clock=answer(Clock(text=text)))
        clock = documents.describe_inspection(inspection, zone)["clock"]
        assert clock["time"] == text
        assert clock["drift_s"] is None or abs(clock["drift_s"]) > 1e10

    def test_a_picture_that_cannot_be_decoded_has_no_size(
        self, v380: Run, password: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from v380cli.errors import MediaError
        from v380cli.sinks import pictures

        def fail(*_: object) -> None:
            raise MediaError("not decoded")

        monkeypatch.setattr(pictures, "decode_keyframe", fail)
        with open_camera() as camera:
            (document,) = v380("info", *address_args(camera), "--json").json
        assert document["hd_stream"]["width"] is None
        assert document["hd_stream"]["claimed_width"] == 192

    def test_a_panorama_has_a_radius(self) -> None:
        """The camera whose reply was recorded turns, and its picture is an ordinary one."""
        data = read_recorded("login-1168-accepted-v3")
        ticket = judge_reply(data, "2-given-short16")
        assert isinstance(ticket, LoginTicket)
        assert describe(make_inspection(ticket=ticket))["login"]["device_type"] == 1
        with_radius = replace(ticket, panorama_radius=540)
        login = describe(make_inspection(ticket=with_radius))["login"]
        assert login["device_type"] == "panorama-180"


class TestRows:
    def rows(self, **changes: Any) -> dict[tuple[str, str], str]:
        document = describe(make_inspection(**changes))
        return {(section, word): value for section, word, value in view.list_rows(document)}

    def test_words(self) -> None:
        rows = self.rows()
        assert rows["log-in", "kind"] == "panorama-360, mounted: wall"
        ticket = make_inspection().ticket
        assert ticket
        flat = self.rows(ticket=replace(ticket, panorama_radius=0))
        assert flat["log-in", "kind"] == "lens type 2, mounted: wall"
        assert rows["abilities", "presets"] == "8"
        assert rows["abilities", "talk"] == "no"
        assert rows["card", "free"].startswith("40% ")
        assert rows["network", "psk"] == "set, not shown"
        assert rows["hd stream", ""].startswith("not offered (the connection")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("2026-11-20 12:00:10", "none to be seen"),
            ("2026-11-20 12:00:13", "3.5 s ahead"),
            ("2026-11-20 11:59:40", "29.5 s behind"),
            ("2026-11-20 17:30:11", "5:30:01 ahead, give or take 0.6 s; another time zone"),
            ("someday", "unknown"),
        ],
    )
    def test_drift(self, text: str, words: str) -> None:
        assert self.rows(clock=answer(Clock(text=text)))["clock", "drift"].startswith(words)

    def test_a_camera_without_a_network(self) -> None:
        rows = self.rows(network=answer(NetworkStateReply(mode=WifiMode.HOTSPOT)))
        assert rows["network", "mode"] == "hotspot"
        assert rows["network", "ssid"] == "none set"
        assert ("network", "psk") not in rows

    def test_what_is_missing(self) -> None:
        rows = self.rows(
            versions=Missing(Reason.NOT_OFFERED, "the camera knows none of 319, 119"),
            clock=Missing(Reason.NO_ANSWER, "the camera hung up without an answer"),
        )
        assert rows["versions", ""] == "not offered"
        assert rows["clock", ""] == "not offered (the camera hung up without an answer)"

    def test_a_table_for_a_person_fits_its_terminal(
        self, data_dir: Path, camera: SimulatedCamera
    ) -> None:
        reader, writer = pty.openpty()
        environment = make_environment(data_dir, {"V380_PASSWORD": PASSWORD, "COLUMNS": "80"})
        command = [*V380, "info", *address_args(camera)]
        done = run_process(command, env=environment, stdout=writer)
        os.close(writer)
        assert done.returncode == 0
        lines = ESCAPES.sub("", read_all(reader)).splitlines()
        assert max(map(len, lines)) <= 80
        assert lines[0].split() == ["camera", str(camera.spec.device_id)]
        assert any(line.startswith("hd stream ") and "H.264 192x128" in line for line in lines)

    def test_the_psk_of_a_camera_on_its_network(
        self, v380: Run, camera: SimulatedCamera, password: None
    ) -> None:
        for form in ((), ("--json",)):
            done = v380("info", *address_args(camera), "--no-streams", *form)
            assert "home" in done.out
            assert OLD_HOME.psk.reveal() not in done.out + done.err
        assert done.json[0]["network"]["has_psk"] is True

    def test_a_line_per_word_for_a_pipe(
        self, v380: Run, camera: SimulatedCamera, password: None
    ) -> None:
        lines = v380("info", *address_args(camera), "--no-streams").out.splitlines()
        label = str(camera.spec.device_id)
        assert f"{label}\tidentity\tid\t{label}" in lines
        assert {line.count("\t") for line in lines} == {3}


def read_all(terminal: int) -> str:
    """What was written to a terminal whose writers have all gone."""
    chunks = []
    try:
        while chunk := os.read(terminal, 65536):
            chunks.append(chunk)
    except OSError:  # how Linux says that nobody has it open any more
        pass
    os.close(terminal)
    return b"".join(chunks).decode()


class TestSeveral:
    def test_one_that_fails_does_not_hide_the_other(self, v380: Run) -> None:
        others_password = replace(SMALL, device_id=11, password=Secret("new"))
        with open_cameras(SMALL, others_password) as (front, yard):
            add_to_list(make_device(front, "front"), "house")
            add_to_list(replace(make_device(yard, "yard"), password=Secret("old")), "house")
            done = v380("info", "@house", "--json", "--no-streams")
        assert done.code == 10
        by_name = {document["device"]: document for document in done.json}
        assert "error" not in by_name["front"]
        assert by_name["yard"]["error"]["code"] == "credentials_refused"
        assert by_name["yard"]["login"] is None
        assert "1 of 2 cameras failed: yard: the camera refused" in done.err

    def test_all_that_fail_alike_have_one_exit_code(self, v380: Run) -> None:
        port = find_closed_port()
        for name, id_ in (("front", 1), ("yard", 2)):
            add_to_list(Device(name=name, device_id=id_, host="127.0.0.1", port=port))
        done = v380("info", "front", "yard", "--json")
        assert done.code == 4
        assert done.json["error"]["code"] == "network"

    def test_the_list_learns_the_log_in(self, v380: Run) -> None:
        with open_camera() as camera:
            add_to_list(make_device(camera, "porch"))
            assert v380("info", "porch", "--no-streams").code == 0
        with open_device_list() as devices:
            record = devices.find_by_name("porch")
        assert record
        assert record.device.login_variant == "31-given-zero48"


def test_ctrl_c_while_a_camera_is_silent(data_dir: Path) -> None:
    with (
        open_camera("silence") as camera,
        start_v380(data_dir, "info", *address_args(camera)) as process,
    ):
        wait_until(lambda: bool(camera.viewers))
        process.send_signal(signal.SIGINT)
        out, talk = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out, talk) == (130, "", "interrupted\n")


class TestRedaction:
    SECRETS = (
        "Distinctive",
        "98765432",
        "192.0.2.77",
        "ab:cd:ef",
        "abcdef",
        "0011223344",
        "distinctive",
    )

    def redact(self, *inspections: Inspection) -> Any:
        found = [describe(inspection) for inspection in inspections]
        return json.loads(json.dumps(Redactor().redact(found), default=str))

    def test_no_field_tells_whose_camera_it_is(self) -> None:
        error = NetworkError("cannot connect to 192.0.2.77:8800", hint="is Distinctive Porch on?")
        document = self.redact(make_inspection(error=error))
        text = json.dumps(document, ensure_ascii=False)
        assert [secret for secret in self.SECRETS if secret.lower() in text.lower()] == []
        assert document[0]["error"]["message"] == "cannot connect to address-1:8800"

    def test_times_are_told_to_the_day_and_addresses_that_nobody_knew_of_not_at_all(self) -> None:
        error = NetworkError("2026-11-27 16:40:12: answered by 192.0.2.78")
        (document,) = self.redact(make_inspection(error=error))
        assert document["error"]["message"] == "2026-11-27: answered by address-2"
        assert document["clock"]["time"] == "2026-11-20"

    def test_what_helps_others_stays(self) -> None:
        (document,) = self.redact(make_inspection())
        assert document["versions"]["app"] == "V380E12_GK7102_1.5.2_20260318"
        assert document["identity"]["mac_maker"] == "e0:7c:62"
        assert document["identity"]["address"] == "address-1:8800"
        assert document["login"]["variant"] == "31-given-zero48"

    def test_the_same_value_has_the_same_placeholder(self) -> None:
        first, second = self.redact(make_inspection(), make_inspection("Other"))
        assert first["identity"]["id"] == second["identity"]["id"] == "id-1"
        assert (first["device"], second["device"]) == ("camera-1", "camera-2")
        assert first["network"]["ssid"] == second["network"]["ssid"]
        unnamed = self.redact(make_inspection(""))[0]
        assert unnamed["device"] == unnamed["identity"]["id"]

    @pytest.mark.parametrize("name", ["a", "id", "id-1", "camera", "no"])
    def test_a_value_that_is_a_word_of_ours(self, name: str) -> None:
        (document,) = self.redact(make_inspection(name))
        assert document["identity"]["name"] == "camera-1"
        assert document["identity"]["id"] == "id-1"
        assert document["hd_stream"] is None
        assert document["missing"]["hd_stream"]["reason"] == "no_answer"

    def test_a_command_line(self, v380: Run, camera: SimulatedCamera, password: None) -> None:
        for form in ((), ("--json",)):
            done = v380("info", *address_args(camera), "--redact", *form)
            assert done.code == 0
            assert str(camera.spec.device_id) not in done.out
            assert camera.host not in done.out

    def test_an_error(self, v380: Run) -> None:
        port = find_closed_port()
        done = v380("info", f"127.0.0.1:{port}", "--id", "98765432", "--redact", "--json")
        assert done.code == 4
        assert done.json["error"]["message"].startswith(f"cannot connect to address-1:{port}")

    @pytest.mark.parametrize("name", ["Straße", "İzmir", "FOSSIL"])
    def test_a_name_in_letters_that_change_with_their_case(self, name: str) -> None:
        error = NetworkError(f"{name}: {name.lower()} is off")
        text = json.dumps(self.redact(make_inspection(name, error=error)), ensure_ascii=False)
        assert name.lower() not in text.lower()

    @pytest.mark.parametrize("mac", ["E0:7C:62:12:34:56", "e0-7c-62-12-34-56"])
    def test_a_mac_in_a_text_of_the_camera(self, mac: str) -> None:
        versions = answer(Versions(app=f"V380_1.5.2 {mac}", kernel="3.4.35"))
        (document,) = self.redact(make_inspection(versions=versions))
        assert document["versions"]["app"] == "V380_1.5.2 serial-1"
        assert document["versions"]["kernel"] == "3.4.35"

    @pytest.mark.parametrize(
        ("target", "code", "message"),
        [
            ("Distinctiv", 3, "there is no camera 'camera-1' in the device list"),
            ("@Distinctive", 3, "there is no group 'camera-1'"),
            ("distinctive PORCH", 2, "'camera-1' fits several cameras"),
        ],
    )
    def test_a_camera_that_is_not_found(
        self, v380: Run, target: str, code: int, message: str
    ) -> None:
        for number, name in enumerate(("Distinctive Porch", "Distinctive porch", "x")):
            device = Device(name=name, device_id=98765432 + number, host="192.0.2.77")
            add_to_list(device, "Distinctive-group")
        for form in ((), ("--json",)):
            done = v380("info", target, "--redact", *form)
            assert done.code == code
            assert "istinctiv" not in (done.out + done.err)
        assert message in done.json["error"]["message"]
