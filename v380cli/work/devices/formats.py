"""How a device list is written into a file."""

from enum import StrEnum


class FileFormat(StrEnum):
    """The endings of such files, too."""

    JSON = "json"
    CSV = "csv"
    TOML = "toml"
