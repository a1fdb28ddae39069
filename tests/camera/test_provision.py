"""What is said to a camera in one visit, and what is known of it at each moment."""

from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.camera.settings.test_settings import NEW_IN_BOX, WIFI, run
from v380cli.camera.discover import Sighting
from v380cli.camera.joining import Wanted
from v380cli.camera.provision import Order, Progress, list_doubts, tell_camera
from v380cli.errors import NetworkError, Refused, UnsupportedFirmware
from v380cli.models import Beacon, Secret
from v380cli.simulator.radio import Radio
from v380cli.simulator.settings.desk import Generation
from v380cli.wire.crypto import PasswordForm
from v380cli.wire.provisioning import SeenNetwork, WifiSettings

ORDER = Order(wifi=WIFI)
NEW_PASSWORD = Secret("fresh-0815")


def test_a_visit() -> None:
    said: list[str] = []
    progress = Progress()
    with run(NEW_IN_BOX) as (camera, client, _):
        tell_camera(client, ORDER, progress, said.append)
        assert camera.radio.ssid == "home"
    assert progress.networks is not None
    assert [seen.ssid for seen in progress.networks] == ["home"]
    assert said == ["the camera took the network 'home'"]
    assert "was told the network" in progress.describe()


@pytest.mark.parametrize("generation", Generation)
def test_the_password_is_set_first_and_proven(generation: Generation) -> None:
    progress = Progress()
    with run(replace(NEW_IN_BOX, settings=generation)) as (camera, client, _):
        tell_camera(client, replace(ORDER, new_password=NEW_PASSWORD), progress, lambda _: None)
        assert camera.check_user(client.device.device_id, "admin", NEW_PASSWORD.reveal()) == 1001
        assert camera.radio.ssid == "home"
    assert progress.has_new_password


@pytest.mark.parametrize("form", PasswordForm)
def test_the_password_is_set_in_the_form_of_the_log_in(form: PasswordForm) -> None:
    accepts = replace(NEW_IN_BOX.accepts, passwords=frozenset({form}))
    with run(replace(NEW_IN_BOX, accepts=accepts)) as (camera, client, _):
        order = replace(ORDER, new_password=NEW_PASSWORD)
        tell_camera(client, order, Progress(), lambda _: None)
        assert camera.check_user(client.device.device_id, "admin", NEW_PASSWORD.reveal()) == 1001


def test_a_password_that_this_camera_has_no_room_for() -> None:
    accepts = replace(NEW_IN_BOX.accepts, passwords=frozenset({PasswordForm.SHORT16}))
    progress = Progress()
    order = replace(ORDER, new_password=Secret("x" * 17))
    with (
        run(replace(NEW_IN_BOX, accepts=accepts)) as (_camera, client, _),
        pytest.raises(Refused, match="16 bytes"),
    ):
        tell_camera(client, order, progress, lambda _: None)
    assert (progress.has_new_password, progress.is_told) == (False, False)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("setting-refused", Refused), ("setting-unsupported", UnsupportedFirmware)],
)
def test_a_camera_that_refused_was_told_nothing(fault: str, error: type[Exception]) -> None:
    progress = Progress(device_id=1)
    with ExitStack() as stack:
        _camera, client, _ = stack.enter_context(run(NEW_IN_BOX, fault))
        with pytest.raises(error):
            tell_camera(client, ORDER, progress, lambda _: None)
    assert progress.describe() == "camera 1 was told no network: it is where it was"


def test_a_camera_that_hangs_up_counts_as_told() -> None:
    said: list[str] = []
    progress = Progress()
    with run(NEW_IN_BOX, "setting-silence") as (_camera, client, _):
        tell_camera(client, ORDER, progress, said.append)
    assert progress.is_told
    assert "may have left" in said[-1]


def see(ssid: str, frequency_mhz: int = 2412, security: str = "WPA2") -> SeenNetwork:
    return SeenNetwork(ssid=ssid, frequency_mhz=frequency_mhz, security=security)


@pytest.mark.parametrize(
    ("networks", "doubt"),
    [
        (None, ""),
        ([], ""),
        ([see("home")], ""),
        ([see("home", 5180), see("home", 2412)], ""),
        ([see("home", 5180)], "on 5 GHz only"),
        ([see("Home")], "does not see"),
    ],
)
def test_doubts(networks: list[SeenNetwork] | None, doubt: str) -> None:
    assert doubt in " ".join(list_doubts(WIFI, networks))
    assert bool(doubt) == bool(list(list_doubts(WIFI, networks)))


def test_an_encrypted_network_without_a_psk_is_doubted() -> None:
    wifi = WifiSettings(ssid="home", psk=Secret())
    assert "no PSK" in " ".join(list_doubts(wifi, [see("home")]))
    assert list(list_doubts(wifi, [see("home", security="")])) == []


def test_who_is_wanted() -> None:
    beacon = Beacon(device_id=5, ip="10.0.0.5", mac="02:00:00:00:00:05", config_id=3)
    sighting = Sighting(number=0, beacon=beacon, interface="lan")
    assert Wanted(device_id=5).fits(sighting)
    assert Wanted(config_id=3).fits(sighting)
    assert Wanted(mac=beacon.mac).fits(sighting)
    assert not Wanted(device_id=6, config_id=3).fits(sighting)
    assert not Wanted(device_id=5, config_id=4).fits(sighting)
    assert not Wanted(device_id=5).fits(replace(sighting, is_v380=False))


class Clock:
    """A time that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_radio_joins_late_and_never_under_a_wrong_psk() -> None:
    clock, spec = Clock(), NEW_IN_BOX.hotspot
    assert spec
    radio = Radio(replace(spec, join_delay_s=5), "192.168.1.1", clock=clock)
    radio.tell(WifiSettings(ssid="home", psk=Secret("wrong-psk")))
    clock.now += 1000
    assert (radio.host, radio.is_hotspot) == ("192.168.1.1", True)
    radio.tell(WIFI, 7)
    assert (radio.host, radio.is_hotspot) == ("", False)
    clock.now += 5
    assert (radio.host, radio.config_id) == (spec.home_host, 7)
    clock.now += 60
    assert (radio.host, radio.config_id) == (spec.home_host, 0)


def test_errors_of_the_network_are_no_answers() -> None:
    with run(NEW_IN_BOX) as (_camera, client, _):
        pass
    with pytest.raises(NetworkError):
        tell_camera(client, ORDER, progress := Progress(), lambda _: None)
    assert not progress.is_told
