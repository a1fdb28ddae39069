"""The configuration file: defaults of options, read where it exists."""

from pathlib import Path
from typing import Any

from v380cli.errors import InvalidInput, StorageError
from v380cli.store.paths import find_config_file

MAX_BYTES = 1 << 16


def read_config() -> tuple[Path, dict[str, Any]]:
    """The path of the file, and what is in it: nothing where there is none.

    Raises InvalidInput for what is not TOML, StorageError for what cannot be read.
    """
    path = find_config_file()
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return path, {}
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"{path} has more than {MAX_BYTES} bytes")
    return path, _parse(path, data)


def _parse(path: Path, data: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"{path} is not valid TOML: {error}") from None
