"""Which cameras of a batch are done: a file beside the batch, without any secret."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from v380cli.disk import PRIVATE_FILE_MODE, write_whole
from v380cli.errors import StorageError
from v380cli.text import parse_json

SUFFIX = ".state"
STATE_MAX_BYTES = 4 << 20  # a thousand cameras have 200 kB
FORMAT = 1


class Status(StrEnum):
    """How far a camera has come."""

    JOINED = "joined"
    TOLD = "told"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one camera; `message` says why it failed.

    `seconds` is how long the last attempt took.
    """

    status: Status
    device_id: int = 0
    ip: str = ""
    mac: str = ""
    seconds: float = 0.0
    message: str = ""
    time: str = ""


class BatchState:
    """The entries by key; each `note` is on the disk when it returns."""

    def __init__(self, batch: Path) -> None:
        """Read the state of `batch`; StorageError for another kind of file."""
        self._path = batch.with_name(batch.name + SUFFIX)
        self._entries = self._read()

    def find(self, key: str) -> Entry | None:
        """The entry of a camera, None when nothing was done with it."""
        return self._entries.get(key)

    def note(self, key: str, entry: Entry) -> None:
        """Replace the entry of a camera, whole or not at all."""
        now = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        self._entries[key] = Entry(**{**asdict(entry), "time": now})
        document = {
            "format": FORMAT,
            "cameras": {key: asdict(entry) for key, entry in self._entries.items()},
        }
        try:
            text = json.dumps(document, ensure_ascii=False, indent=1)
            write_whole(self._path, text.encode(), PRIVATE_FILE_MODE)
        except OSError as error:
            raise StorageError(f"cannot write {self._path}: {error.strerror}") from None

    def _read(self) -> dict[str, Entry]:
        try:
            with self._path.open("rb") as file:
                data = file.read(STATE_MAX_BYTES)
            cameras: dict[str, Any] = parse_json(data)["cameras"]
            return {
                key: Entry(**{**fields, "status": Status(fields["status"])})
                for key, fields in cameras.items()
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StorageError(
                f"{self._path} is not the state of a batch", hint="move it away to begin anew"
            ) from None
