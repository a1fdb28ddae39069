"""The configuration file: defaults of options, read where it exists."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from v380cli.errors import InvalidInput, StorageError
from v380cli.store.paths import find_config_file

MAX_BYTES = 1 << 16
HEADER = r"\s*\[([^\[\]]+)\]"
ENTRY = r"""\s*["']?([\w-]+)["']?\s*="""


class Config(NamedTuple):
    """What is in the file; where there is none, nothing."""

    path: Path
    document: dict[str, Any]
    text: str = ""

    def place(self, table: str, key: str) -> str:
        """The file, and the line of a key in a table (`recordings.sync`) if it has one of its own.

        A key may be written with `_` for `-`.
        """
        here = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(HEADER, line):
                here = re.sub(r"""[\s"']""", "", header[1])
            elif here == table and (entry := re.match(ENTRY, line)) and spell_key(entry[1]) == key:
                return f"{self.path}, line {number}"
        return str(self.path)


def spell_key(key: str) -> str:
    """`max_gap` is `max-gap`."""
    return key.replace("_", "-")


def read_config() -> Config:
    """The file and what is in it.

    Raises InvalidInput for what is not TOML, StorageError for what cannot be read.
    """
    path = find_config_file()
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Config(path, {})
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"{path} has more than {MAX_BYTES} bytes")
    return _parse(path, data)


def _parse(path: Path, data: bytes) -> Config:
    import tomllib

    try:
        text = data.decode()
        return Config(path, tomllib.loads(text), text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"{path} is not valid TOML: {error}") from None
