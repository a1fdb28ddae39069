"""Changes of settings against a simulated camera: made, seen to be made, and what is not."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.simulator.viewer import SMALL
from v380cli.camera.access import Access
from v380cli.camera.settings import configure
from v380cli.camera.settings.account import change_account
from v380cli.camera.settings.address import change_address
from v380cli.camera.settings.card import format_card
from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.camera.settings.clock import read_clock, set_clock
from v380cli.camera.settings.configure import ChangeNotMade, change, read
from v380cli.camera.sightings import Sighting
from v380cli.errors import (
    CameraNotFound,
    CredentialsRefused,
    InvalidInput,
    NetworkError,
    Refused,
    UnsupportedFirmware,
)
from v380cli.models import Device, Secret
from v380cli.net.stream import TcpChannel
from v380cli.simulator.camera import VARIANTS, CameraSpec
from v380cli.simulator.card import CardSpec, CardState, plan_days
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.server import Simulator
from v380cli.simulator.settings.desk import Generation
from v380cli.wire.card.words import NoCard
from v380cli.wire.login import LoginTicket
from v380cli.wire.settings.address import Address, AddressMode
from v380cli.wire.settings.alarm import ALARM, ARMING, Switch
from v380cli.wire.settings.light import LIGHT
from v380cli.wire.settings.record import RECORD, CardCondition, RecordPlan, RecordSwitch
from v380cli.wire.settings.users import USER

TIMEOUT_S = 60.0
HOME, ELSEWHERE = "127.0.0.1", "127.0.0.61"
GENERATIONS = pytest.mark.parametrize("generation", Generation)
WITH_CARD = replace(SMALL, card=CardSpec(entries=plan_days(dt.datetime(2026, 11, 20, 12), 60)))


class Requests:
    """Opens channels and notes the number of each command that leaves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.numbers: list[int] = []
        send = TcpChannel.send

        def note(channel: TcpChannel, data: bytes) -> None:
            self.numbers.append(int.from_bytes(data[:4], "little"))
            send(channel, data)

        monkeypatch.setattr(TcpChannel, "send", note)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    return Requests(monkeypatch)


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated camera is at once what it will ever be."""
    monkeypatch.setattr(configure, "READ_BACK_PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr("v380cli.camera.settings.card.READ_BACK_PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr("v380cli.camera.settings.account.READ_BACK_PAUSES_S", (0.0, 0.0))


@contextmanager
def run(
    *faults: str, spec: CameraSpec = SMALL, **changes: Any
) -> Iterator[tuple[SimulatedCamera, SettingsClient]]:
    spec = replace(spec, faults=tuple(map(parse_fault, faults)), **changes)
    with Simulator([spec], discovery=None) as simulator:
        camera = simulator.cameras[0]
        device = Device(
            device_id=spec.device_id,
            host=camera.host,
            port=camera.port,
            password=spec.password,
        )
        yield camera, SettingsClient(Access(device))


def always(plan: RecordPlan) -> RecordPlan:
    return replace(plan, always=RecordSwitch.ON)


@GENERATIONS
def test_a_change_is_read_made_and_read_again(generation: Generation) -> None:
    with run(settings=generation) as (_camera, client):
        made = change(client, RECORD, always)
        assert made.before.always == RecordSwitch.OFF
        assert made.after == replace(made.before, always=RecordSwitch.ON)
        assert made.verified
        assert read(client, RECORD) == made.after


def test_between_two_looks_the_client_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which Ctrl-C ends."""
    with run("setting-kept") as (_camera, client):
        pauses: list[float] = []
        monkeypatch.setattr(client.access, "pause", pauses.append)
        with pytest.raises(ChangeNotMade):
            change(client, RECORD, always)
        assert pauses == [0.0, 0.0]


def test_the_newest_form_is_tried_first_and_each_question_once(requests: Requests) -> None:
    with run() as (_camera, client):
        change(client, RECORD, always)
    assert requests.numbers == [1167, 313, 314, 313]


def test_the_legacy_form_is_for_cameras_without_the_other(requests: Requests) -> None:
    with run(settings=Generation.LEGACY) as (_camera, client):
        change(client, RECORD, always)
    assert requests.numbers == [1167, 313, 113, 314, 114, 313, 113]


def test_a_camera_that_reads_the_new_form_and_sets_the_old_one() -> None:
    with run("setting-missing:314") as (_camera, client):
        assert change(client, RECORD, always).after.always == RecordSwitch.ON


def test_what_is_so_already_is_not_sent(requests: Requests) -> None:
    with run() as (_camera, client):
        made = change(client, RECORD, lambda plan: plan)
        planned = change(client, RECORD, always, dry_run=True)
        assert (made.verified, planned.verified) == (True, False)
        assert read(client, RECORD).always == RecordSwitch.OFF
    assert 314 not in requests.numbers


@GENERATIONS
def test_an_alarm_is_sent_back_whole(generation: Generation) -> None:
    with run(settings=generation) as (_camera, client):
        made = change(client, ALARM, lambda alarm: replace(alarm, motion=Switch.OFF))
        assert made.after == replace(made.before, motion=Switch.OFF)
        assert any(made.after.grid)
        assert any(made.after.windows)


@GENERATIONS
def test_arming_is_the_alarms_main_switch(generation: Generation) -> None:
    with run(settings=generation) as (_camera, client):
        change(client, ARMING, lambda arming: replace(arming, alarm=Switch.OFF))
        alarm = read(client, ALARM)
        assert (alarm.alarm, alarm.motion) == (Switch.OFF, Switch.ON)


def test_a_yes_that_is_none_is_found_out() -> None:
    with (
        run("setting-kept") as (_camera, client),
        pytest.raises(ChangeNotMade, match="always is off, not on"),
    ):
        change(client, RECORD, always)


def test_what_changed_beside_it_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the labels of two fields were mixed up."""
    with run() as (camera, client):
        take = camera.settings_state.change

        def take_more(number: int, changes: dict[str, Any]) -> None:
            take(number, {**changes, "smoke": 1000})

        monkeypatch.setattr(camera.settings_state, "change", take_more)
        with pytest.raises(ChangeNotMade, match="smoke is on, not 0"):
            change(client, ALARM, lambda alarm: replace(alarm, motion=Switch.OFF))


def test_a_change_without_an_answer_is_looked_after() -> None:
    with run("setting-mute") as (_camera, client):
        assert change(client, RECORD, always).verified


def test_no_answer_and_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with run() as (camera, client):
        before = read(client, RECORD)
        monkeypatch.setattr(client, "run_first", fail_on(client, 314))
        with pytest.raises(NoAnswer) as caught:
            change(client, RECORD, always)
        assert "not changed" in caught.value.hint
        assert camera.settings_state.read(313) == before


def test_a_camera_that_is_gone_after_a_change_was_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with run() as (_camera, client):
        run_first = client.run_first

        def run_and_leave(forms: dict[int, Any]) -> Any:
            if 314 in forms:
                monkeypatch.setattr(client, "run_first", fail_on(client, 313))
            return run_first(forms)

        monkeypatch.setattr(client, "run_first", run_and_leave)
        with pytest.raises(NoAnswer, match="was told, and does not answer since"):
            change(client, RECORD, always)


def fail_on(client: SettingsClient, number: int) -> Callable[[Any], Any]:
    """`run_first` that loses this command on its way."""
    run_first = client.run_first

    def run_or_lose(forms: dict[int, Any]) -> Any:
        if number in forms:
            raise NoAnswer("the camera said nothing in time")
        return run_first(forms)

    return run_or_lose


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("setting-forbidden:314", Refused),
        ("setting-refused:1013", Refused),
        ("setting-forbidden:313", Refused),
    ],
)
def test_a_refusal(fault: str, error: type[Exception]) -> None:
    with run(fault) as (camera, client), pytest.raises(error, match="no right"):
        change(client, RECORD, always)
    assert camera.settings_state.read(313).always == RecordSwitch.OFF


def test_what_a_camera_does_not_offer() -> None:
    with (
        run("setting-missing:347") as (_camera, client),
        pytest.raises(UnsupportedFirmware, match="does not offer the setting light"),
    ):
        read(client, LIGHT)


def test_a_ticket_that_expires_meanwhile() -> None:
    with run("setting-expired*1") as (_camera, client):
        assert change(client, RECORD, always).verified


@GENERATIONS
def test_the_clock_is_set_and_runs(generation: Generation) -> None:
    told = dt.datetime(2020, 2, 29, 12, 0, 0)
    with run(settings=generation) as (camera, client):
        made = set_clock(client, told, {"zone": 9}, sets_time=True)
        assert (made.change.after.zone, made.change.verified) == (9, True)
        assert abs(made.drift_before_s or 0) < TIMEOUT_S
        assert (made.drift_after_s or 0) < -365 * 86400
        began = time.monotonic()
        while camera.settings_state.read(315).time == made.change.after.time:
            assert time.monotonic() - began < TIMEOUT_S
        clock, drift_s = read_clock(client)
        assert clock.time
        assert clock.time >= told
        assert drift_s == pytest.approx(made.drift_after_s, abs=TIMEOUT_S)


def test_the_zone_alone_leaves_the_time() -> None:
    with run() as (_camera, client):
        set_clock(client, dt.datetime(2020, 2, 29, 12, 0, 0), {}, sets_time=True)
        made = set_clock(client, None, {"zone": 3, "zone_on": 1}, sets_time=False)
        assert (made.change.after.zone, made.change.after.zone_on) == (3, 1)
        assert made.change.after.time
        assert made.change.after.time.year == 2020


def test_a_clock_that_does_not_take_the_time() -> None:
    with (
        run("setting-kept") as (_camera, client),
        pytest.raises(ChangeNotMade, match="the clock shows"),
    ):
        set_clock(client, dt.datetime(2020, 2, 29, 12, 0, 0), {}, sets_time=True)


def be_at(host: str, mask: str = "255.0.0.0", gateway: str = "") -> Callable[[Address], Address]:
    return lambda address: replace(
        address, mode=AddressMode.STATIC, ip=host, mask=mask, gateway=gateway
    )


@GENERATIONS
def test_a_static_address_and_back(generation: Generation) -> None:
    with run(settings=generation) as (camera, client):
        former = client.device
        made = change_address(client, be_at(ELSEWHERE), timeout_s=10)
        assert (made.after.ip, made.after.mode, made.verified) == (ELSEWHERE, 1, True)
        assert client.device.host == camera.host == ELSEWHERE
        with pytest.raises(NetworkError):
            Access(former).log_in()
        back = change_address(client, by_dhcp, timeout_s=10)
        assert (back.before, back.after.mode) == (made.after, AddressMode.DHCP)


def by_dhcp(address: Address) -> Address:
    return replace(address, mode=AddressMode.DHCP)


def test_by_dhcp_a_camera_is_found_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with run() as (camera, client):
        change_address(client, be_at(HOME), timeout_s=10)
        take = camera.settings_state.change

        def move(number: int, changes: dict[str, Any]) -> None:
            take(number, changes)
            camera.radio.settle(ELSEWHERE)

        def find_beacon(*, device_id: int, **_: Any) -> Sighting:
            assert device_id == camera.spec.device_id
            beacon = camera.make_beacon("NVDEVRESULT", ELSEWHERE)
            return Sighting(number=0, beacon=beacon, interface="lo")

        monkeypatch.setattr(camera.settings_state, "change", move)
        monkeypatch.setattr("v380cli.camera.settings.address.find_beacon", find_beacon)
        made = change_address(client, by_dhcp, timeout_s=10)
        assert (made.verified, client.device.host) == (True, ELSEWHERE)


def test_an_address_by_dhcp_is_the_routers_choice(requests: Requests) -> None:
    with run() as (_camera, client):
        made = change_address(client, lambda a: replace(a, ip="127.0.0.9"), dry_run=True)
        assert (made.before, made.verified) == (made.after, True)
        planned = change_address(client, be_at(ELSEWHERE), dry_run=True)
        assert (planned.after.ip, planned.verified) == (ELSEWHERE, False)
    assert 343 not in requests.numbers


def test_an_address_that_cannot_be_is_not_sent(requests: Requests) -> None:
    astray = be_at("127.1.2.3", "255.255.255.0", gateway="127.9.9.9")
    with run() as (_camera, client), pytest.raises(InvalidInput, match="not in the network"):
        change_address(client, astray)
    assert 343 not in requests.numbers


def test_a_camera_that_keeps_its_address() -> None:
    with run("setting-kept") as (camera, client):
        with pytest.raises(ChangeNotMade, match=r"still at 127\.0\.0\.1"):
            change_address(client, be_at(ELSEWHERE), timeout_s=0)
        assert client.device.host == camera.host == HOME


def test_a_camera_that_takes_an_address_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    with run() as (camera, client):
        monkeypatch.setattr(camera.radio, "settle", lambda host: None)
        with pytest.raises(CameraNotFound, match="still answers") as caught:
            change_address(client, be_at(ELSEWHERE), timeout_s=0)
        assert "off and on" in caught.value.hint


def test_a_camera_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with run() as (camera, client):
        settle = camera.radio.settle
        monkeypatch.setattr(camera.radio, "settle", lambda host: settle("127.0.0.99"))
        with pytest.raises(CameraNotFound, match=r"was not seen at 127\.0\.0\.61"):
            change_address(client, be_at(ELSEWHERE), timeout_s=0)


@pytest.mark.parametrize(
    ("variant", "generation"),
    [
        *[(variant, Generation.EX) for variant in VARIANTS],
        *[(variant, Generation.LEGACY) for variant in VARIANTS if variant != "today-id-user"],
        ("legacy", Generation.OLDEST),
    ],
)
def test_another_password(variant: str, generation: Generation) -> None:
    accepts, version = VARIANTS[variant].accepts, VARIANTS[variant].device_version
    new = Secret("another-4712")
    with run(accepts=accepts, device_version=version, settings=generation) as (_camera, client):
        former = client.device
        change_account(client, former.username, new)
        assert client.device.password == new
        assert read(client, USER).name
        with pytest.raises(CredentialsRefused):
            Access(former).log_in()


@GENERATIONS
def test_another_user(generation: Generation) -> None:
    with run(settings=generation) as (_camera, client):
        change_account(client, "operator", client.device.password)
        assert read(client, USER).name == "operator"
        with pytest.raises(CredentialsRefused):
            Access(replace(client.device, username="admin")).log_in()


def test_a_password_that_the_camera_does_not_take() -> None:
    with run("setting-kept") as (_camera, client):
        former = client.device
        with pytest.raises(ChangeNotMade, match="former user and password"):
            change_account(client, former.username, Secret("another-4712"))
        assert client.device.password == former.password


def test_a_password_without_an_answer_is_tried() -> None:
    with run("setting-mute") as (_camera, client):
        change_account(client, client.device.username, Secret("another-4712"))


@pytest.mark.parametrize("absences", [1, 2])
def test_a_camera_that_starts_anew_for_a_password_is_asked_again(
    absences: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run() as (_camera, client):
        log_in, answers = client.access.log_in, iter([True, *[False] * absences, True])

        def log_in_or_not() -> LoginTicket:
            if next(answers):
                return log_in()
            raise NetworkError("the port is shut")

        monkeypatch.setattr(client.access, "log_in", log_in_or_not)
        change_it = partial(change_account, client, "admin", Secret("another-4712"))
        if absences == 1:
            change_it()
        else:
            with pytest.raises(NoAnswer, match="does not answer since: the port is shut"):
                change_it()


@pytest.mark.parametrize("password", ["x" * 60, "ab\0cd"])
def test_a_password_that_has_no_room(password: str, requests: Requests) -> None:
    with run() as (_camera, client):
        with pytest.raises(InvalidInput) as caught:
            change_account(client, "admin", Secret(password))
        assert password not in str(caught.value)
    assert 318 not in requests.numbers


@GENERATIONS
def test_a_card_is_wiped(generation: Generation) -> None:
    with run(spec=WITH_CARD, settings=generation) as (camera, client):
        made = format_card(client)
        assert made.verified
        assert made.after.card_free > made.before.card_free
        assert camera.card.list_entries() == []
        assert format_card(client).verified


def test_a_card_that_is_not_wiped() -> None:
    with run("setting-kept", spec=WITH_CARD) as (camera, client):
        with pytest.raises(ChangeNotMade):
            format_card(client)
        assert camera.card.list_entries()


@pytest.mark.parametrize(
    ("state", "error"), [(CardState.MISSING, NoCard), (CardState.BROKEN, Refused)]
)
def test_no_card_to_wipe(state: CardState, error: type[Exception]) -> None:
    with run(card=CardSpec(state=state)) as (_camera, client):
        with pytest.raises(error):
            format_card(client)
        card = read(client, RECORD).card
        assert card in (CardCondition.NONE, CardCondition.WRITE_ERROR)
