"""Discovery on loopback with ports of its own; whole LANs are in test_discover_lan.py."""

import dataclasses
import itertools
import socket
import threading
import time
from collections.abc import Sequence

import pytest

from tests.camera.responder import FakeCamera, Responder
from v380cli.camera import discover as discover_module
from v380cli.camera import sightings as sightings_module
from v380cli.camera.discover import (
    Change,
    DiscoverOptions,
    DiscoverResult,
    Ports,
    Target,
    discover,
    find_beacon,
)
from v380cli.errors import NetworkError
from v380cli.models import Beacon
from v380cli.text import clean_text
from v380cli.wire.discovery import encode_beacon

TIMEOUT_S = 60.0
LISTEN = ("127.0.0.1", "127.255.255.255")
CAMERA = Beacon(
    device_id=12345678,
    ip="127.0.0.1",
    mac="e0:7c:62:00:00:01",
    netmask="255.0.0.0",
    gateway="127.0.0.1",
    version="200",
)
SECOND = dataclasses.replace(CAMERA, device_id=22, mac="e0:7c:62:00:00:02", port=8801)


@pytest.fixture
def ports() -> Ports:
    """Ports that nobody uses: the kernel gives them out in turn."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reply,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onvif,
    ):
        for sock in (probe, reply, onvif):
            sock.bind(("127.0.0.1", 0))
        numbers = [sock.getsockname()[1] for sock in (probe, reply, onvif)]
    return Ports(probe=numbers[0], reply=numbers[1], onvif=numbers[2])


def make_responder(ports: Ports, *answers: bytes, listen: Sequence[str] = LISTEN) -> Responder:
    return Responder([FakeCamera(answers, "127.0.0.1")], ports, listen)


def on_loopback(ports: Ports, **options: object) -> DiscoverOptions:
    defaults = DiscoverOptions(interfaces=("lo",), ports=ports)
    return dataclasses.replace(defaults, **options)  # type: ignore[arg-type]


def list_ids(result: DiscoverResult) -> list[int]:
    return [sighting.beacon.device_id for sighting in result.sightings]


def test_camera_on_loopback_is_found_at_once(ports: Ports) -> None:
    started = time.monotonic()
    with make_responder(ports, encode_beacon(CAMERA)):
        result = discover(on_loopback(ports, count=1, timeout_s=10 * TIMEOUT_S))
    assert time.monotonic() - started < TIMEOUT_S
    (sighting,) = result.sightings
    assert (sighting.beacon, sighting.interface) == (CAMERA, "lo")
    assert sighting.answered_by == {"nvdev"}
    assert result.warnings == ()


def test_nobody_answers(ports: Ports) -> None:
    result = discover(on_loopback(ports, timeout_s=0.05))
    assert result.sightings == ()
    assert result.interfaces_tried == ("lo",)


def test_probes_are_repeated_until_the_end(ports: Ports) -> None:
    with make_responder(ports) as responder:
        discover(on_loopback(ports, timeout_s=0.65))
    assert responder.probes == [b"NVDEVSEARCH^100", b"LVDEVSEARCH^100"] * 3


def test_run_ends_when_all_ids_are_seen_and_shows_only_these(ports: Ports) -> None:
    answers = [encode_beacon(dataclasses.replace(SECOND, device_id=n, mac="")) for n in range(1, 9)]
    with make_responder(ports, *answers):
        wanted = frozenset({3, 8})
        result = discover(on_loopback(ports, device_ids=wanted, timeout_s=30))
    assert list_ids(result) == [3, 8]


def test_events_come_as_they_happen(ports: Ports) -> None:
    changes: list[Change] = []
    with make_responder(ports, encode_beacon(CAMERA)):
        discover(on_loopback(ports, count=1), on_change=changes.append)
    assert [(change.kind, change.sighting.beacon) for change in changes] == [("arrived", CAMERA)]


def test_move_and_departure_are_told(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in [
        (discover_module, "FAST_ROUND_S", 0.05),
        (discover_module, "SLOW_ROUND_S", 0.05),
        (discover_module, "DEPARTED_AFTER_S", 0.4),
        (sightings_module, "MOVED_AFTER_S", 0.15),
    ]:
        monkeypatch.setattr(module, name, value)
    answer = [encode_beacon(CAMERA)]
    before, after = FakeCamera(answer, "127.0.0.1"), FakeCamera(answer, "127.0.0.2", is_silent=True)
    changes: list[Change] = []

    def act(change: Change) -> None:
        changes.append(change)
        before.is_silent = True
        after.is_silent = change.kind != "arrived"

    with Responder([before, after], ports, LISTEN):
        discover(
            on_loopback(ports, watch=True, timeout_s=10),
            on_change=act,
            stop=lambda: bool(changes) and changes[-1].kind == "departed",
        )
    told = [(change.kind, change.previous_ip, change.sighting.beacon.ip) for change in changes]
    assert told[0] == ("arrived", "", "127.0.0.1")
    assert ("moved", "127.0.0.1", "127.0.0.2") in told
    assert told[-1] == ("departed", "", "127.0.0.2")


def test_stop_ends_a_run_without_an_end(ports: Ports) -> None:
    calls = iter([False, False, True])
    options = on_loopback(ports, timeout_s=None, watch=True)
    assert discover(options, stop=lambda: next(calls)).sightings == ()


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\xff" * 2000,
        b"NVDEVRESULT^200" + b"^" * 65_000,
        bytes(65_507),
        b"NVDEVRESULT^200^" + b"\x1b[2J^" * 50,
        b"<?xml" + b"<a>" * 20_000,
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
    ids=["empty", "noise", "64 KiB", "zeros", "escapes", "deep XML", "entities"],
)
def test_hostile_answer_does_not_hide_a_good_one(ports: Ports, hostile: bytes) -> None:
    with make_responder(ports, hostile, encode_beacon(CAMERA)):
        result = discover(on_loopback(ports, count=1))
    assert [sighting.beacon for sighting in result.sightings] == [CAMERA]


def test_what_is_shown_is_clean(ports: Ports) -> None:
    nasty = encode_beacon(CAMERA).replace(b"^200^", b"^\x1b]0;owned\x07\xe2\x80\xae^")
    with make_responder(ports, nasty):
        (sighting,) = discover(on_loopback(ports, count=1)).sightings
    for value in dataclasses.asdict(sighting.beacon).values():
        assert value == clean_text(str(value)) or isinstance(value, int)
    assert sighting.beacon.device_id == CAMERA.device_id


def send_beacons(port: int, is_over: threading.Event) -> None:
    """Beacons of cameras without end, for a minute at most."""
    deadline_s = time.monotonic() + TIMEOUT_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for number in itertools.count(1):
            if is_over.is_set() or time.monotonic() > deadline_s:
                return
            beacon = dataclasses.replace(SECOND, device_id=number % 100_000, mac="")
            sock.sendto(encode_beacon(beacon), ("127.0.0.1", port))


def test_flood_neither_lengthens_the_run_nor_fills_the_memory(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings_module, "MAX_ROWS_PER_ADDRESS", 8)  # on a busy machine as well
    is_over = threading.Event()
    flood = threading.Thread(target=send_beacons, args=(ports.reply, is_over))
    flood.start()
    result = discover(on_loopback(ports, timeout_s=0.5))
    is_flooded = flood.is_alive()
    is_over.set()
    flood.join()
    assert is_flooded, "the search ended before the flood did"
    assert 0 < len(result.sightings) <= sightings_module.MAX_ROWS_PER_ADDRESS
    assert any("not all are shown" in warning for warning in result.warnings)


def test_two_that_claim_one_id_are_both_shown(ports: Ports) -> None:
    impostor = dataclasses.replace(SECOND, device_id=CAMERA.device_id)
    with make_responder(ports, encode_beacon(CAMERA), encode_beacon(impostor)):
        result = discover(on_loopback(ports, count=2))
    assert {sighting.beacon for sighting in result.sightings} == {CAMERA, impostor}
    assert all(sighting.conflict for sighting in result.sightings)


def test_named_interface_that_is_not_there_is_a_warning(ports: Ports) -> None:
    with make_responder(ports, encode_beacon(CAMERA)):
        result = discover(on_loopback(ports, interfaces=("lo", "nope0"), count=1))
    assert list_ids(result) == [CAMERA.device_id]
    assert result.warnings == ("nope0: there is no such interface with an IPv4 address",)


def test_unicast_asks_this_host_only(ports: Ports) -> None:
    with (
        make_responder(ports, encode_beacon(CAMERA), listen=["127.0.0.5"]) as asked,
        make_responder(ports, encode_beacon(SECOND), listen=["127.255.255.255"]) as bystander,
    ):
        asked.cameras[0].address = "127.0.0.5"
        options = on_loopback(ports, interfaces=(), targets=(Target("127.0.0.5"),), timeout_s=0.1)
        discover(options)
    assert asked.probes[:2] == [b"NVDEVSEARCH^100", b"LVDEVSEARCH^100"]
    assert bystander.probes == []


def test_port_picks_one_of_the_cameras_of_a_host(ports: Ports) -> None:
    with make_responder(ports, encode_beacon(CAMERA), encode_beacon(SECOND)):
        target = Target("127.0.0.1", 8801)
        options = on_loopback(ports, interfaces=(), targets=(target,), count=1)
        assert list_ids(discover(options)) == [SECOND.device_id]


def test_passive_run_sends_nothing_and_hears(ports: Ports) -> None:
    with (
        make_responder(ports, encode_beacon(CAMERA)) as responder,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        other.bind(("127.0.0.1", 0))
        options = on_loopback(ports, passive=True, count=1, timeout_s=10)

        def announce() -> bool:
            other.sendto(encode_beacon(SECOND), ("127.0.0.1", ports.reply))
            return False

        assert list_ids(discover(options, stop=announce)) == [SECOND.device_id]
        assert responder.probes == []


def test_passive_run_that_cannot_listen_is_an_error(ports: Ports) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", ports.reply))
        with pytest.raises(NetworkError, match=str(ports.reply)):
            discover(on_loopback(ports, passive=True, timeout_s=5))


@pytest.mark.parametrize(
    "wanted",
    [
        {"host": "127.0.0.1", "device_id": SECOND.device_id},
        {"host": "127.0.0.1", "mac": SECOND.mac},
        {"host": "127.0.0.1", "port": SECOND.port},
        {"host": "localhost", "port": SECOND.port},
        {"device_id": SECOND.device_id, "interfaces": ("lo",)},
        {"mac": SECOND.mac, "interfaces": ("lo",)},
    ],
)
def test_one_camera_is_found_by_what_is_known_of_it(
    ports: Ports, wanted: dict[str, object]
) -> None:
    with make_responder(ports, encode_beacon(CAMERA), encode_beacon(SECOND)):
        found = find_beacon(**wanted, ports=ports)  # type: ignore[arg-type]
    assert found is not None
    assert found.beacon == SECOND


def test_camera_that_is_not_there_is_none(ports: Ports) -> None:
    with make_responder(ports, encode_beacon(CAMERA)):
        assert find_beacon(host="127.0.0.1", device_id=99, timeout_s=0.1, ports=ports) is None
