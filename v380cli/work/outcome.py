"""From what became of each of several things to the one error that all of it ends with."""

from collections.abc import Sequence

from v380cli.errors import Bug, PartialFailure, V380Error

Outcome = tuple[str, V380Error | None]  # what a thing is called, and why it failed


def join_errors(outcomes: Sequence[Outcome], things: str = "cameras") -> V380Error | None:
    """The one error of all: of a single thing, of a kind that all share, or else PartialFailure.

    A bug comes before everything.
    """
    failed = [(label, error) for label, error in outcomes if error]
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
    return PartialFailure(
        f"{len(failed)} of {len(outcomes)} {things} failed: {names}", hint=errors[0].hint
    )
