"""What a check found, and how checks are run."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from v380cli.errors import V380Error

T = TypeVar("T")


class State(StrEnum):
    """How it is."""

    FAIL = "fail"
    WARN = "warn"
    OK = "ok"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check: a sentence, and what to do next where there is something to do.

    `device` is the camera that it is about, empty for this machine.
    """

    check: str
    state: State
    message: str
    hint: str = ""
    device: str = ""

    def to_json(self) -> dict[str, str | None]:
        """The object of `doctor --json`."""
        return {
            "check": self.check,
            "state": self.state,
            "message": self.message,
            "hint": self.hint,
            "device": self.device or None,
        }


Found = tuple[State, str, str]  # state, message, hint
log = logging.getLogger(__name__)


def ok(message: str) -> Found:
    """Nothing stands in the way."""
    return State.OK, message, ""


def warn(message: str, hint: str = "") -> Found:
    """It works, and the owner should know something."""
    return State.WARN, message, hint


def fail(message: str, hint: str = "") -> Found:
    """It stands in the way."""
    return State.FAIL, message, hint


def skip(message: str, hint: str = "") -> Found:
    """It cannot be known, or does not matter here."""
    return State.SKIP, message, hint


def fail_with(error: V380Error) -> Found:
    """What an error says."""
    return fail(error.message, error.hint)


def run_checks(
    checks: Iterable[tuple[str, Callable[[T], Found]]], subject: T, device: str = ""
) -> Iterator[Finding]:
    """Run checks one after the other; one that fails itself stops no other."""
    for name, check in checks:
        try:
            state, message, hint = check(subject)
        except (V380Error, OSError) as error:
            log.debug("%s", name, exc_info=True)
            state, message, hint = skip(f"cannot be found out: {error}")
        yield Finding(check=name, state=state, message=message, hint=hint, device=device)


def put_causes_first(findings: Sequence[Finding]) -> list[Finding]:
    """What failed first, each in the order in which one thing causes the next."""
    return sorted(findings, key=lambda finding: list(State).index(finding.state))
