"""What a simulated camera makes of settings that are out of the ordinary."""

from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.viewer import DEVICE_ID, PASSWORD, SMALL, ask, login, run
from v380cli.models import Secret
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.settings.desk import Generation
from v380cli.wire.layout import Message
from v380cli.wire.provisioning import WifiSettings
from v380cli.wire.settings.clock import SetClockRequest
from v380cli.wire.settings.exchange import LegacyPlainRequest, SettingReply, SettingRequest
from v380cli.wire.settings.wifi import (
    NO,
    LegacySetNetworksRequest,
    LegacySetWifiRequest,
    SetWifiRequest,
    WifiMode,
)


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_year_that_no_camera_counts_is_refused(year: int) -> None:
    with run(SMALL) as camera:
        text = f"{year:04d}-12-31 23:59:59"
        change = SetClockRequest(device_id=DEVICE_ID, ticket=login(camera), text=text)
        reply = SettingReply.decode(ask(camera, change.encode()))
    assert (reply.command, reply.result, reply.reason) == (416, 2001, 1014)


WIFI: dict[str, Any] = {"device_id": DEVICE_ID, "ssid": "home", "psk": ""}
USER: dict[str, Any] = {"username": "admin", "password": PASSWORD}


@pytest.mark.parametrize(
    ("generation", "change"),
    [
        (Generation.EX, SetWifiRequest(**WIFI, ticket=0, mode=WifiMode.HOTSPOT)),
        (Generation.LEGACY, LegacySetWifiRequest(**WIFI, **USER, mode=WifiMode.HOTSPOT)),
        (Generation.OLDEST, LegacySetNetworksRequest(**WIFI, **USER, has_station=NO)),
    ],
)
def test_settings_of_its_own_hotspot_make_it_join_nothing(
    generation: Generation, change: Message
) -> None:
    spec = replace(SMALL, hotspot=HotspotSpec(home_host="127.0.0.9"), settings=generation)
    with run(spec) as camera:
        if generation is Generation.EX:
            change = replace(change, ticket=login(camera))  # type: ignore[call-arg]
        reply = SettingReply.decode(ask(camera, change.encode()))
        assert reply.result == 1001
        assert camera.radio.is_hotspot


def test_passwords_stand_in_replies_in_clear() -> None:
    """As in those of real cameras, so that whatever shows them is found out."""
    spec = replace(SMALL, hotspot=HotspotSpec(home_host="127.0.0.9"))
    with run(spec) as camera:
        camera.radio.tell(WifiSettings(ssid="other", psk=Secret("hush-hush")))
        head = SettingRequest(command=317, device_id=DEVICE_ID, ticket=login(camera))
        old = LegacyPlainRequest(command=117, **USER, device_id=DEVICE_ID)
        secrets = [
            ask(camera, request.encode())[at:][:32].rstrip(b"\0").decode()
            for request, at in (
                *((head, 53), (replace(head, command=311), 177)),
                *((old, 52), (replace(old, command=111), 176)),
            )
        ]
    assert secrets == [PASSWORD, "hush-hush"] * 2
