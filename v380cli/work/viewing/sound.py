"""The sound of `v380 view`: on the loudspeaker of this machine, where its packages are."""

from typing import TYPE_CHECKING

from v380cli.errors import V380Error
from v380cli.sinks.tee import Branch, TeeSink

if TYPE_CHECKING:
    from v380cli.sinks.loudspeaker import Loudspeaker

HELP = {"m": "sound off, and on"}
KEY = "m"


class ViewSound:
    """Plays what a tee is fed, once `start` or the key has asked for it."""

    def __init__(self, tee: TeeSink) -> None:
        self._tee = tee
        self._speaker: Loudspeaker | None = None
        self._branch: Branch | None = None

    def start(self) -> str:
        """Begin with the next keyframe; what to tell the person."""
        from v380cli.sinks.loudspeaker import Loudspeaker  # PyAV is slow to load
        from v380cli.sources.microphone import load_sounddevice

        try:
            self._speaker = Loudspeaker(load_sounddevice("sound"))
        except V380Error as error:
            return f"no sound: {error.message}"
        self._branch = self._tee.attach(self._speaker)
        return "sound on"

    def toggle(self) -> str:
        """Mute it or let it be heard; what to tell the person."""
        if self._speaker is None:
            return self.start()
        self._speaker.is_muted = not self._speaker.is_muted
        return "sound off" if self._speaker.is_muted else "sound on"

    def find_failure(self) -> str:
        """Why it cannot be heard any more, told once."""
        branch = self._branch
        if branch is None or branch.error is None:
            return ""
        self._branch = self._speaker = None
        return f"no sound: {branch.error.message}"
