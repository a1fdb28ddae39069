"""The camera's wall clock and true time (PROTOCOL.md, section 3b).

The card stores local times without their zone, so the zone is the caller's to know.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from v380cli.errors import InvalidInput

OFFSET = re.compile(r"(?:UTC)?([+-])(\d{1,2}):?(\d{2})?")


class CameraZone:
    """Turns wall clock times into true ones; without a zone it is this machine's."""

    def __init__(self, zone: dt.tzinfo | None = None) -> None:
        self._zone = zone

    def to_true(self, wall: dt.datetime) -> dt.datetime:
        """The moment at which the camera's clock showed `wall`.

        In the hour that a clock shows twice, `wall.fold` says which; a time that the zone's
        clocks leap over was shown by a camera that does not, so it is taken as it was before.
        """
        if self._zone is None:
            return wall.astimezone()
        local = wall.replace(tzinfo=self._zone).astimezone(dt.UTC).astimezone(self._zone)
        # with its offset alone, since Python subtracts times of one zone as if it had no summer
        return local.replace(tzinfo=dt.timezone(local.utcoffset() or dt.timedelta()), fold=0)

    def to_wall(self, time: dt.datetime) -> dt.datetime:
        """What the camera's clock showed at a moment."""
        return time.astimezone(self._zone).replace(tzinfo=None)

    def is_repeated(self, wall: dt.datetime) -> bool:
        """Whether the zone's clocks show this time twice."""
        first, second = (self.to_true(wall.replace(fold=fold)) for fold in (0, 1))
        return first < second

    def read_now(self) -> dt.datetime:
        """The camera's clock, if it goes right."""
        return self.to_wall(dt.datetime.now(dt.UTC))


def parse_zone(text: str) -> CameraZone:
    """`Europe/Madrid`, `+05:30` or nothing for this machine's; InvalidInput for what is none."""
    if not text:
        return CameraZone()
    if offset := OFFSET.fullmatch(text.strip()):
        sign, hours, minutes = offset.groups(default="0")
        delta = dt.timedelta(hours=int(hours), minutes=int(minutes))
        if delta < dt.timedelta(days=1):
            return CameraZone(dt.timezone(-delta if sign == "-" else delta))
    if text.strip().upper() in ("UTC", "Z"):
        return CameraZone(dt.UTC)
    try:
        return CameraZone(ZoneInfo(text.strip()))
    except (KeyError, ValueError, OSError):
        raise InvalidInput(
            f"{text!r} is not a time zone", hint="write Europe/Madrid, Asia/Kolkata or +05:30"
        ) from None
