"""The player of this machine, for what `v380` does not show itself."""

import os
import shlex
import shutil

from v380cli.errors import InvalidInput

# What plays MPEG-TS from its standard input.
PLAYERS = (
    ("mpv", "--really-quiet", "-"),
    ("ffplay", "-loglevel", "error", "-autoexit", "-"),
    ("vlc", "--quiet", "--play-and-exit", "-"),
)


def split_command(command: str) -> list[str]:
    """The words of a command, as a shell splits them; InvalidInput where a quote has no end."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise InvalidInput(f"the command {command!r} cannot be read: {error}") from None


def find_player() -> list[str]:
    """The command of a player, if there is one and a desktop for it."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        for command in PLAYERS:
            if shutil.which(command[0]):
                return list(command)
    return []
