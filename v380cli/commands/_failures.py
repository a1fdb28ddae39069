"""What a command over several cameras ends with, from what became of each."""

from collections.abc import Sequence

from v380cli.errors import Bug, PartialFailure, V380Error
from v380cli.models import Device


def join_errors(outcomes: Sequence[tuple[Device, V380Error | None]]) -> V380Error | None:
    """The one error of all: of a single camera, of a kind that all share, or else PartialFailure.

    A bug comes before everything.
    """
    failed = [(device.label, error) for device, error in outcomes if error]
    if not failed:
        return None
    errors = [error for _, error in failed]
    if bug := next((error for error in errors if isinstance(error, Bug)), None):
        return bug
    if len(outcomes) == 1:
        return errors[0]
    names = "; ".join(f"{label}: {error.message}" for label, error in failed)
    if len(failed) == len(outcomes) and len({type(error) for error in errors}) == 1:
        return type(errors[0])(names, hint=errors[0].hint)
    return PartialFailure(f"{len(failed)} of {len(outcomes)} cameras failed: {names}")
