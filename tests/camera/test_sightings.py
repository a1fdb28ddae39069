"""Rows from answers: who is the same camera, who claims to be, who has moved."""

import dataclasses

import pytest

from v380cli.camera.sightings import (
    MAX_ROWS,
    MAX_ROWS_PER_ADDRESS,
    MOVED_AFTER_S,
    ONVIF_SETTLE_S,
    Registry,
    Sighting,
)
from v380cli.models import Beacon
from v380cli.wire.discovery import encode_beacon

CAMERA = Beacon(
    device_id=12345678,
    ip="10.0.0.5",
    mac="e0:7c:62:00:00:01",
    netmask="255.255.255.0",
    gateway="10.0.0.1",
    version="200",
)
OTHER_MAC = "e0:7c:62:00:00:02"
ONVIF = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:{uuid}</a:Address></a:EndpointReference>
<d:Scopes>onvif://www.onvif.org/name/{name}</d:Scopes>
<d:XAddrs>http://{ip}:8899/onvif</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"""


def make_onvif(ip: str = "10.0.0.9", node: str = "0" * 12, name: str = "IPC") -> bytes:
    return ONVIF.format(ip=ip, uuid=f"11111111-2222-1333-8444-{node}", name=name).encode()


@pytest.fixture
def registry() -> Registry:
    return Registry()


def add(
    registry: Registry,
    beacon: Beacon = CAMERA,
    *,
    sender: str = "",
    interface: str = "eth0",
    now_s: float = 0.0,
) -> None:
    assert registry.add(encode_beacon(beacon), sender or beacon.ip, interface, now_s)


def only(registry: Registry) -> Sighting:
    (sighting,) = registry.list_sightings()
    return sighting


def test_two_kinds_of_answer_are_one_row_that_does_not_flicker(registry: Registry) -> None:
    add(registry)
    first = only(registry)
    add(registry, dataclasses.replace(CAMERA, kind="LVDEVRESULT", version="100"), now_s=1)
    second = only(registry)
    assert second.answered_by == {"nvdev", "lvdev"}
    assert (second.beacon, second.number) == (first.beacon, first.number)
    assert (second.first_seen_s, second.last_seen_s) == (0, 1)


def test_later_answer_of_the_same_kind_is_believed(registry: Registry) -> None:
    add(registry, dataclasses.replace(CAMERA, port=8801))
    later = dataclasses.replace(CAMERA, config_id=7)
    add(registry, later)
    assert only(registry).beacon == later


def test_another_kind_fills_in_what_was_missing(registry: Registry) -> None:
    add(registry, Beacon(kind="NVR", device_id=CAMERA.device_id, ip=CAMERA.ip))
    add(registry, dataclasses.replace(CAMERA, port=8801))
    beacon = only(registry).beacon
    assert (beacon.mac, beacon.gateway, beacon.port) == (CAMERA.mac, CAMERA.gateway, 8801)


def test_address_of_the_sender_is_the_one_to_use(registry: Registry) -> None:
    add(registry, sender="10.0.0.66")
    sighting = only(registry)
    assert (sighting.beacon.ip, sighting.claimed_ip) == ("10.0.0.66", CAMERA.ip)
    assert not sighting.is_address_as_claimed


def test_one_camera_on_two_interfaces_is_two_rows_that_know_each_other(registry: Registry) -> None:
    add(registry, interface="wlan0")
    add(registry, interface="eth0")
    assert [(row.interface, row.also_on, row.conflict) for row in registry.list_sightings()] == [
        ("eth0", ("wlan0",), False),
        ("wlan0", ("eth0",), False),
    ]


@pytest.mark.parametrize(
    "impostor",
    [
        dataclasses.replace(CAMERA, mac=OTHER_MAC),
        dataclasses.replace(CAMERA, device_id=87654321),
        dataclasses.replace(CAMERA, ip="10.0.0.6"),
        dataclasses.replace(CAMERA, ip="10.0.0.6", mac=""),
        dataclasses.replace(CAMERA, ip="10.0.0.6", mac=OTHER_MAC),
    ],
    ids=["MAC", "id", "address", "address without MAC", "address and MAC"],
)
def test_two_that_claim_one_id_or_mac_are_in_conflict(registry: Registry, impostor: Beacon) -> None:
    add(registry)
    add(registry, impostor)
    rows = registry.list_sightings()
    assert {row.beacon for row in rows} == {CAMERA, impostor}
    assert [row.conflict for row in rows] == [True, True]


def test_different_cameras_at_one_address_are_no_conflict(registry: Registry) -> None:
    add(registry)
    add(registry, dataclasses.replace(CAMERA, device_id=5, mac=OTHER_MAC, port=8801))
    assert [row.conflict for row in registry.list_sightings()] == [False, False]


def test_camera_with_a_new_lease_keeps_its_row(registry: Registry) -> None:
    add(registry)
    number = only(registry).number
    add(registry, dataclasses.replace(CAMERA, ip="10.0.0.6"), now_s=1)
    registry.settle(MOVED_AFTER_S - 0.1)
    (still,) = registry.list_sightings(MOVED_AFTER_S - 0.1)
    assert still.beacon.ip == CAMERA.ip
    registry.settle(MOVED_AFTER_S)
    moved = only(registry)
    assert (moved.number, moved.beacon.ip, moved.conflict) == (number, "10.0.0.6", False)


def test_answer_while_the_old_address_still_answers_is_no_move(registry: Registry) -> None:
    for now_s in range(10):
        add(registry, now_s=now_s)
        add(registry, dataclasses.replace(CAMERA, ip="10.0.0.6"), now_s=now_s)
        registry.settle(now_s)
    assert [row.conflict for row in registry.list_sightings(10)] == [True, True]


def test_only_one_can_be_where_a_camera_has_moved_to(registry: Registry) -> None:
    for ip in ("10.0.0.5", "10.0.0.6", "10.0.0.7"):  # all in one batch
        add(registry, dataclasses.replace(CAMERA, ip=ip))
    registry.settle(MOVED_AFTER_S)
    rows = registry.list_sightings(MOVED_AFTER_S)
    assert [(row.beacon.ip, row.conflict) for row in rows] == [
        ("10.0.0.6", True),
        ("10.0.0.7", True),
    ]


def test_strangers_without_id_and_mac_do_not_move_into_each_other(registry: Registry) -> None:
    nobody = Beacon(device_id=0, ip="10.0.0.5")
    add(registry, nobody)
    add(registry, dataclasses.replace(nobody, ip="10.0.0.6"), now_s=100)
    registry.settle(200)
    assert len(registry.list_sightings()) == 2


def test_who_does_not_answer_is_forgotten(registry: Registry) -> None:
    add(registry, now_s=1)
    assert registry.add(make_onvif(), "10.0.0.9", "eth0", 1)
    add(registry, dataclasses.replace(CAMERA, device_id=5, mac=OTHER_MAC), now_s=2)
    registry.forget(before_s=2)
    assert only(registry).beacon.device_id == 5


@pytest.mark.parametrize(
    ("answer", "sender"),
    [
        (make_onvif(), CAMERA.ip),
        (make_onvif(ip=CAMERA.ip), "10.0.0.77"),
        (make_onvif(node="E07C62000001"), "10.0.0.77"),
    ],
    ids=["sender", "service address", "MAC"],
)
@pytest.mark.parametrize("onvif_first", [True, False])
def test_onvif_joins_its_camera(
    registry: Registry, answer: bytes, sender: str, onvif_first: bool
) -> None:
    if onvif_first:
        assert registry.add(answer, sender, "eth0", 0)
    add(registry)
    if not onvif_first:
        assert registry.add(answer, sender, "eth0", 0)
    assert only(registry).answered_by == {"nvdev", "onvif"}


def test_onvif_device_alone(registry: Registry) -> None:
    assert registry.add(make_onvif(), "10.0.0.9", "eth0", 0)
    assert registry.add(make_onvif("10.0.0.8", name="V380%20Pro"), "10.0.0.8", "eth0", 0)
    v380, stranger = registry.list_sightings()
    assert (v380.beacon.ip, v380.is_v380) == ("10.0.0.8", True)
    assert (stranger.beacon.ip, stranger.is_v380) == ("10.0.0.9", False)
    assert stranger.beacon.port == 8899


def test_onvif_device_is_listed_when_it_had_time_to_answer_as_a_camera(registry: Registry) -> None:
    assert registry.add(make_onvif(), "10.0.0.9", "eth0", 5)
    assert registry.list_sightings(5 + ONVIF_SETTLE_S / 2) == []
    assert registry.list_unknown() == ["10.0.0.9"]
    assert len(registry.list_sightings(5 + ONVIF_SETTLE_S)) == 1
    add(registry, sender="10.0.0.9")
    assert registry.list_unknown() == []


def test_onvif_of_another_interface_is_not_joined(registry: Registry) -> None:
    add(registry)
    assert registry.add(make_onvif(), CAMERA.ip, "wlan0", 0)
    assert len(registry.list_sightings()) == 2


def test_noise_is_no_row(registry: Registry) -> None:
    for noise in (b"", b"hello", b"<html/>", bytes(65_507), b"<" * 65_507):
        assert not registry.add(noise, "10.0.0.5", "eth0", 0)
    assert registry.list_sightings() == []


def test_flood_of_one_address_leaves_room_for_the_others(registry: Registry) -> None:
    for n in range(MAX_ROWS_PER_ADDRESS + 1):
        add(registry, Beacon(device_id=n + 1, ip="10.0.0.66"))
    assert registry.is_full
    add(registry)
    rows = registry.list_sightings()
    assert len(rows) == MAX_ROWS_PER_ADDRESS + 1
    assert rows[-1].beacon == CAMERA


def test_flood_of_many_addresses_is_bounded(registry: Registry) -> None:
    for n in range(MAX_ROWS + 100):
        add(registry, Beacon(device_id=n + 1, ip=f"10.1.{n // 250}.{n % 250 + 1}"))
        assert registry.add(make_onvif(), f"10.2.{n // 250}.{n % 250 + 1}", "eth0", 0)
    assert registry.is_full
    assert len(registry.list_sightings()) == 2 * MAX_ROWS


def test_order_is_by_id_whatever_came_first(registry: Registry) -> None:
    for device_id in (30, 4, 200):
        add(registry, Beacon(device_id=device_id, ip=f"10.0.0.{device_id}"))
    assert [row.beacon.device_id for row in registry.list_sightings()] == [4, 30, 200]
