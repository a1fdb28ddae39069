"""Who may ask a simulated camera: what its desks need to know of it."""

from typing import Protocol

from v380cli.wire.commands import Result


class Keeper(Protocol):
    """The part of a camera that knows tickets and users."""

    def check_ticket(self, device_id: int, ticket: int) -> Result:
        """Whether somebody with this ticket may ask."""

    def check_user(self, device_id: int, username: str, password: str) -> Result:
        """Whether somebody with this password may ask."""
