"""A camera that is not where it was: what is tried there, and what is learnt of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from v380cli.camera.access import Access
from v380cli.errors import CredentialsRefused, NetworkError, V380Error
from v380cli.models import Device
from v380cli.wire.login import DEFAULT_VARIANT, LoginTicket
from v380cli.wire.refusals import TicketExpired

OLD, NEW = "192.0.2.1", "192.0.2.2"
PORCH = Device(name="porch", device_id=1, host=OLD, rtsp_url=f"rtsp://{OLD}:8554/h264")
MOVED = replace(PORCH, host=NEW, rtsp_url=f"rtsp://{NEW}:8554/h264")


def make_access(learnt: list[tuple[Device, Device]], search: Callable[[Device], Device]) -> Access:
    return Access(PORCH, search=search, learn=lambda known, device: learnt.append((known, device)))


def move(device: Device) -> Device:
    return replace(device, host=NEW)


def test_what_works_at_its_new_address_is_learnt_with_the_address_of_its_stream() -> None:
    learnt: list[tuple[Device, Device]] = []
    access = make_access(learnt, move)
    assert access.at_new_address(lambda: access.device.rtsp_url) == MOVED.rtsp_url
    assert learnt == [(PORCH, MOVED)]


def test_a_stream_that_was_elsewhere_stays_there() -> None:
    url = "rtsp://recorder.example/porch"
    access = Access(replace(PORCH, rtsp_url=url), search=move)
    assert access.at_new_address(lambda: access.device.rtsp_url) == url


def test_one_that_has_not_moved_is_tried_once_only() -> None:
    access = make_access([], lambda device: device)
    assert access.at_new_address(lambda: pytest.fail("it was tried again")) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [(CredentialsRefused("no"), "another device may be answering"), (NetworkError("no"), "^no$")],
)
def test_what_fails_there_is_not_learnt(error: V380Error, said: str) -> None:
    learnt: list[tuple[Device, Device]] = []
    access = make_access(learnt, move)

    def fail() -> None:
        raise error

    with pytest.raises(type(error), match=said):
        access.at_new_address(fail)
    assert (access.device, learnt) == (PORCH, [])


@pytest.mark.parametrize(
    ("device_version", "begins_with"),
    [(0, DEFAULT_VARIANT.name), (3, ""), (30, ""), (31, DEFAULT_VARIANT.name)],
)
def test_a_new_log_in_begins_with_what_the_camera_may_take(
    device_version: int, begins_with: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants: list[str] = []

    def log_in(*_: object, variant: str, **__: object) -> LoginTicket:
        variants.append(variant)
        return LoginTicket(
            ticket=len(variants), device_version=device_version, variant_name="2-given-short16"
        )

    def use(ticket: LoginTicket) -> int:
        if ticket.ticket == 1:
            raise TicketExpired("no")
        return ticket.ticket

    monkeypatch.setattr("v380cli.camera.access.log_in", log_in)
    assert Access(PORCH).use_ticket(use) == 2
    assert variants == ["", begins_with]
