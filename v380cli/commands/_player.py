"""The player of this machine, for what `v380` does not show itself."""

import os
import shutil

# What plays MPEG-TS from its standard input.
PLAYERS = (
    ("mpv", "--really-quiet", "-"),
    ("ffplay", "-loglevel", "error", "-autoexit", "-"),
    ("vlc", "--quiet", "--play-and-exit", "-"),
)


def find_player() -> list[str]:
    """The command of a player, if there is one and a desktop for it."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        for command in PLAYERS:
            if shutil.which(command[0]):
                return list(command)
    return []
