"""Where the user's own files are: text, for a TAB cannot wait for pathlib.

Our variables say it, else the XDG Base Directory specification where it holds, else platformdirs,
of which this is the only owner. Where both know, they say the same: a test holds them to it.
"""

import os
import sys

NAME = "v380cli"
DATA_DIR_VARIABLE = "V380_DATA_DIR"
LIST_NAME = "devices.db"
CONFIG_VARIABLE = "V380_CONFIG"
CONFIG_NAME = "config.toml"

_HAS_XDG = sys.platform == "linux"


def find_data_dir() -> str:
    """What V380_DATA_DIR says, else the user's data directory; makes nothing."""
    if chosen := os.environ.get(DATA_DIR_VARIABLE):
        return os.path.expanduser(chosen)
    if _HAS_XDG:
        return _find_base_dir("XDG_DATA_HOME", "~/.local/share")
    import platformdirs

    return platformdirs.user_data_dir(NAME, appauthor=False)


def find_list() -> str:
    """Where the user's device list is, or would be."""
    return os.path.join(find_data_dir(), LIST_NAME)


def find_config_file() -> str:
    """What V380_CONFIG says, else `config.toml` in V380_DATA_DIR, else in the user's own place."""
    if chosen := os.environ.get(CONFIG_VARIABLE):
        return os.path.expanduser(chosen)
    if os.environ.get(DATA_DIR_VARIABLE):
        return os.path.join(find_data_dir(), CONFIG_NAME)
    if _HAS_XDG:
        return os.path.join(_find_base_dir("XDG_CONFIG_HOME", "~/.config"), CONFIG_NAME)
    import platformdirs

    return os.path.join(platformdirs.user_config_dir(NAME, appauthor=False), CONFIG_NAME)


def _find_base_dir(variable: str, default: str) -> str:
    """A relative path in the variable is ignored, as the specification wants it."""
    base = os.environ.get(variable, "")
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser(default), NAME)
