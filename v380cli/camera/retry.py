"""What a new attempt may mend, and how long to wait before it."""

from v380cli.errors import (
    Bug,
    CameraBusy,
    CameraNotFound,
    CredentialsRefused,
    DeviceIdRefused,
    InvalidInput,
    LocalProtocolError,
    MediaError,
    NetworkError,
    RemoteProtocolError,
    StorageError,
    UnsupportedFirmware,
    UnsupportedMedia,
    V380Error,
)
from v380cli.wire.refusals import TicketExpired

FIRST_RETRY_S = 0.5
# A camera that has started again is missed for no longer than this, and a refusal then costs 30 s
# more: with half a minute here the two took more than a minute together.
LONGEST_RETRY_S = 10.0
# Credentials that worked and are refused now: the camera is starting up, or somebody has changed
# its password. No more than this of guesses that it may count against us.
REFUSED_RETRIES_S = (30.0, 120.0, 600.0, 1800.0)
# The loss of a link that lived this long starts at the short pause again. A camera that accepts
# and hangs up at once does not get hammered.
GOOD_LINK_S = 10.0

# What ends a link in the middle; a new one may bring the rest.
LINK_ERRORS = (CameraBusy, NetworkError, RemoteProtocolError)
# On our side of the wire; nothing that the camera does changes them.
OURS = (Bug, InvalidInput, LocalProtocolError, MediaError, StorageError, UnsupportedMedia)
# How a camera is that is not there yet. Another one at its address is there until ours has a new
# address.
NOT_YET = (
    CameraBusy,
    CameraNotFound,
    DeviceIdRefused,
    NetworkError,
    RemoteProtocolError,
    TicketExpired,
)


def may_mend(error: V380Error, *, has_worked: bool, waits: bool) -> bool:
    """Whether to try again.

    `has_worked`: the camera was seen to work with these credentials, in this run. `waits`: it need
    not be there at the start.
    """
    if isinstance(error, OURS):
        return False
    if has_worked:
        return True
    return waits and isinstance(error, NOT_YET) and not isinstance(error, UnsupportedFirmware)


class BackOff:
    """Growing pauses between attempts, in seconds; longer ones where credentials are refused."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._pause_s = FIRST_RETRY_S
        self._refusals = 0

    def next_pause_s(self, error: V380Error) -> float:
        """How long to wait after an attempt that ended so."""
        if isinstance(error, CredentialsRefused):
            pause_s = REFUSED_RETRIES_S[min(self._refusals, len(REFUSED_RETRIES_S) - 1)]
            self._refusals += 1
            return pause_s
        pause_s = self._pause_s
        self._pause_s = min(pause_s * 2, LONGEST_RETRY_S)
        return pause_s
