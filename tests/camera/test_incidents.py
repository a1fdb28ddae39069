"""What a person reads of an outage, and what a program hears."""

import logging

import pytest

from v380cli.camera.incidents import Incident, IncidentKind, Teller
from v380cli.errors import CredentialsRefused, NetworkError
from v380cli.models import Device

PORCH = Device(name="porch", device_id=5)


@pytest.fixture
def heard() -> list[Incident]:
    return []


@pytest.fixture
def teller(heard: list[Incident], caplog: pytest.LogCaptureFixture) -> Teller:
    caplog.set_level(logging.WARNING)
    teller = Teller()
    teller.listen = heard.append
    return teller


def tell_outage(teller: Teller) -> None:
    """Of a camera that is away for a minute and then wants its password three times."""
    teller.tell_lost(PORCH, NetworkError("it hung up"), 0.5)
    for pause_s in (1.0, 2.0, 4.0, 8.0, 10.0, 10.0):
        teller.tell_lost(PORCH, NetworkError("no answer"), pause_s)
    for pause_s in (30.0, 120.0, 600.0):
        teller.tell_lost(PORCH, CredentialsRefused("no"), pause_s)
    teller.tell_back(PORCH, "it hung up", 800.0)


def test_an_outage_is_a_line_for_its_beginning_for_each_long_pause_and_for_its_end(
    teller: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    tell_outage(teller)
    assert caplog.messages == [
        "porch: it hung up; trying again",
        "porch: no answer; trying again in 10 s",
        "porch: no; trying again in 30 s",
        "porch: no; trying again in 2 minutes",
        "porch: no; trying again in 10 minutes",
        "porch: back after 800.0 s",
    ]


def test_a_program_hears_each_reason_when_it_is_there(
    teller: Teller, heard: list[Incident]
) -> None:
    tell_outage(teller)
    reasons = [incident.reason for incident in heard if incident.kind is IncidentKind.LOST]
    assert reasons[:3] == ["it hung up", "no answer", "no answer"]
    assert reasons[3:] == ["no"] * 3


def test_what_else_was_said_meanwhile_is_told_with_the_return(
    teller: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):  # nothing is left over from the outage before
        teller.tell_lost(PORCH, NetworkError("it hung up"), 0.5)
        teller.tell_lost(PORCH, NetworkError("no route"), 1.0)
        teller.tell_lost(PORCH, NetworkError("busy"), 2.0)
        teller.tell_back(PORCH, "it hung up", 3.5)
        lost, back = caplog.messages
        assert lost == "porch: it hung up; trying again"
        assert back == "porch: back after 3.5 s; meanwhile: no route; busy"
        caplog.clear()
