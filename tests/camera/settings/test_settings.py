"""Settings commands against a simulated camera: connections, tickets, older forms."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.camera.counting import Counting
from tests.simulator.viewer import SMALL
from v380cli.camera.access import Access
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.settings.client import NoAnswer, SettingsClient
from v380cli.errors import CredentialsRefused, NetworkError, Refused, UnsupportedFirmware
from v380cli.models import Device, Secret
from v380cli.simulator.camera import VARIANTS, CameraSpec
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.server import Simulator
from v380cli.simulator.settings.desk import Generation
from v380cli.wire.login import DEFAULT_VARIANT
from v380cli.wire.provisioning import WifiSettings, list_state_forms, list_wifi_forms
from v380cli.wire.refusals import TicketExpired

WIFI = WifiSettings(ssid="home", psk=Secret("secret99"))
HOTSPOT = HotspotSpec(home_host="127.0.0.100", psk=WIFI.psk)
OLD_VARIANT = replace(DEFAULT_VARIANT, version=2)
NEW_IN_BOX = replace(SMALL, hotspot=HOTSPOT)


@contextmanager
def run(
    spec: CameraSpec, *faults: str, password: Secret | None = None
) -> Iterator[tuple[SimulatedCamera, SettingsClient, Counting]]:
    spec = replace(spec, faults=tuple(map(parse_fault, faults)))
    with Simulator([spec], discovery=None) as simulator:
        camera, connect = simulator.cameras[0], Counting()
        device = Device(
            device_id=spec.device_id,
            host=camera.host,
            port=camera.port,
            password=spec.password if password is None else password,
        )
        yield camera, SettingsClient(Access(device, interrupt=connect)), connect


def test_each_command_has_a_connection_of_its_own() -> None:
    with run(NEW_IN_BOX) as (_camera, client, connect):
        for _ in range(3):
            command, state = client.run_first(list_state_forms())
            assert (command, state.mode, state.ssid) == (311, 1001, "")
    assert connect.count == 1 + 3, "one log-in, three commands"


@pytest.mark.parametrize(
    ("generation", "command"),
    [(Generation.EX, 320), (Generation.LEGACY, 120), (Generation.OLDEST, 112)],
)
def test_older_forms_are_for_older_cameras(generation: Generation, command: int) -> None:
    with run(replace(NEW_IN_BOX, settings=generation)) as (camera, client, _):
        assert client.run_first(list_wifi_forms(WIFI))[0] == command
        assert camera.radio.ssid == "home"
        assert not camera.radio.is_hotspot


def test_a_camera_with_the_oldest_log_in() -> None:
    spec = replace(
        NEW_IN_BOX,
        accepts=VARIANTS["legacy"].accepts,
        device_version=VARIANTS["legacy"].device_version,
        settings=Generation.LEGACY,
    )
    with run(spec) as (_camera, client, _):
        assert client.run_first(list_wifi_forms(WIFI))[0] == 120


def test_a_ticket_that_expired_is_renewed_once() -> None:
    with run(NEW_IN_BOX, "setting-expired*1") as (camera, client, connect):
        assert client.run_first(list_wifi_forms(WIFI))[0] == 320
        assert not camera.radio.is_hotspot
    assert connect.count == 4, "log-in, refused, log-in, done"
    with run(NEW_IN_BOX, "setting-expired") as (camera, client, connect):
        with pytest.raises(TicketExpired):
            client.run_first(list_wifi_forms(WIFI))
        assert camera.radio.is_hotspot
    assert connect.count == 4


def test_the_renewed_log_in_begins_with_that_of_today() -> None:
    """An encrypting camera calls the ticket of an old-style log-in expired (section 11)."""
    both = replace(VARIANTS["today"].accepts, versions=frozenset({2, 31}))
    with run(replace(NEW_IN_BOX, accepts=both), "setting-expired*1") as (_camera, client, _):
        client.access.device = replace(client.device, login_variant=OLD_VARIANT.name)
        assert client.access.log_in().variant_name == OLD_VARIANT.name
        client.run_first(list_state_forms())
        assert client.access.ticket.variant_name == DEFAULT_VARIANT.name


@pytest.mark.parametrize("reason", [1013, 1015, 1016, 1017])
def test_a_refusal_is_not_tried_in_other_forms(reason: int) -> None:
    with run(NEW_IN_BOX, f"setting-refused:{reason}") as (camera, client, connect):
        with pytest.raises(Refused):
            client.run_first(list_wifi_forms(WIFI))
        assert camera.radio.is_hotspot
    assert connect.count == 2


def test_no_form_is_known() -> None:
    with (
        run(NEW_IN_BOX, "setting-unsupported") as (_camera, client, _),
        pytest.raises(UnsupportedFirmware, match="320, 120, 112"),
    ):
        client.run_first(list_wifi_forms(WIFI))


def test_a_camera_that_hangs_up_may_have_obeyed() -> None:
    with run(NEW_IN_BOX, "setting-silence") as (_camera, client, _), pytest.raises(NoAnswer):
        client.run_first(list_wifi_forms(WIFI))


def test_a_wrong_password() -> None:
    with (
        run(NEW_IN_BOX, password=Secret("wrong")) as (_camera, client, _),
        pytest.raises(CredentialsRefused),
    ):
        client.run_first(list_state_forms())


def test_an_interrupt_ends_what_waits_and_what_comes_later() -> None:
    with run(NEW_IN_BOX) as (camera, client, _):
        interrupt = Interrupt()
        with interrupt.connect(camera.host, camera.port) as channel:
            interrupt.request()
            with pytest.raises(NetworkError, match="interrupted"):
                channel.receive_into(bytearray(1), 10)
        interrupted = Access(client.device, interrupt=interrupt)
        with pytest.raises(NetworkError, match="interrupted"):
            interrupted.log_in()


def test_an_interrupt_ends_a_pause() -> None:
    interrupt = Interrupt()
    interrupt.pause(0.01)
    timer = threading.Timer(0.05, interrupt.request)
    timer.start()
    with pytest.raises(NetworkError, match="interrupted"):
        interrupt.pause(3600)
    timer.join()
