"""The positions that were stored from here in a camera, and what their owner calls them."""

import datetime as dt
import sqlite3
from dataclasses import dataclass

from v380cli.errors import InvalidInput
from v380cli.store.records import format_time, normalise, parse_time

PRESET_NAME_MAX_CHARS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A stored position; `number` begins with 1, as in the vendor's app."""

    number: int
    name: str = ""
    stored: dt.datetime | None = None


def check_preset_name(name: str) -> str:
    """The name as it is kept; raises InvalidInput for one that is too long, or a number."""
    name = normalise(name)
    if len(name) > PRESET_NAME_MAX_CHARS or name.isdecimal():
        raise InvalidInput(
            f"{name!r} is not a name for a position",
            hint=f"take up to {PRESET_NAME_MAX_CHARS} characters, not digits alone",
        )
    return name


class PresetList:
    """Those of one camera of the device list."""

    def __init__(self, connection: sqlite3.Connection, device_key: str) -> None:
        self._connection = connection
        self._key = device_key

    def list_presets(self) -> list[Preset]:
        """Every one, by number."""
        query = "SELECT number, name, stored FROM presets WHERE device_key = ? ORDER BY number"
        return [
            Preset(number=number, name=name, stored=parse_time(stored))
            for number, name, stored in self._connection.execute(query, (self._key,))
        ]

    def find_by_name(self, name: str) -> Preset | None:
        """The first that is called so, in any case."""
        wanted = normalise(name).casefold()
        presets = self.list_presets() if wanted else []
        return next((preset for preset in presets if preset.name.casefold() == wanted), None)

    def note(self, number: int, name: str = "") -> None:
        """Note that it was stored now, under this name or the one it had; raises InvalidInput."""
        name = check_preset_name(name)
        former = next((p.name for p in self.list_presets() if p.number == number), "")
        self._connection.execute(
            "INSERT OR REPLACE INTO presets (device_key, number, name, stored) VALUES (?, ?, ?, ?)",
            (self._key, number, name or former, format_time(dt.datetime.now(dt.UTC))),
        )

    def forget(self, number: int) -> None:
        """Note that it was deleted."""
        query = "DELETE FROM presets WHERE device_key = ? AND number = ?"
        self._connection.execute(query, (self._key, number))
