"""Every error that this project raises on purpose.

    V380Error
    ├── InvalidInput                what the user gave cannot be used
    │   └── UsageError              ... and the command line itself says so
    ├── CameraNotFound              nobody answered under that name, id or address
    ├── NetworkError                the link failed
    │   ├── NetworkTimeout          ... by saying nothing in time
    │   └── PortShut                ... because nothing listens there
    ├── ProtocolError
    │   ├── LocalProtocolError      we were about to send nonsense: our bug
    │   └── RemoteProtocolError     they sent bytes that we do not understand
    │       └── UnsupportedFirmware they said that they do not speak this
    │           └── UnsupportedMedia they send media that have no place here
    ├── Refused                     the camera understood and said no
    │   ├── CredentialsRefused      user or password
    │   ├── DeviceIdRefused         another camera than the one asked for
    │   └── CameraBusy              too many viewers
    ├── MediaError                  media cannot be read or written
    │   └── DamagedMedia            ... of this keyframe: the next one may be good
    ├── StorageError                disk, output file or device list
    ├── PartialFailure              some of several things failed
    └── Bug                         something that this program did not expect

From received bytes only `RemoteProtocolError` may rise. Exit codes are not decided here but in
`commands/_boundary.py`.
"""


class V380Error(Exception):
    """A failure with one sentence for the user and, where there is one, a next step.

    `code` is the stable word that scripts see in `--json` output.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(V380Error):
    """What the user gave cannot be used, whatever camera it is for."""

    code = "invalid_input"


class UsageError(InvalidInput):
    """The words on the command line do not make sense, alone or together."""

    code = "usage"


class CameraNotFound(V380Error):
    """Nobody answered under that name, id or address."""

    code = "not_found"


class NetworkError(V380Error):
    """The link could not be opened, or broke."""

    code = "network"


class NetworkTimeout(NetworkError):
    """The other side said nothing in time."""

    code = "timeout"


class PortShut(NetworkError):
    """A device is there, and says that nothing listens at this port."""


class ProtocolError(V380Error):
    """The protocol was broken by one side."""

    code = "protocol"


class LocalProtocolError(ProtocolError):
    """We were about to send something that the protocol has no room for."""

    code = "protocol_local"


class RemoteProtocolError(ProtocolError):
    """The camera sent bytes that the protocol does not allow."""

    code = "protocol_remote"


class UnsupportedFirmware(RemoteProtocolError):
    """The camera says that it does not speak this form of the protocol."""

    code = "unsupported_firmware"


class UnsupportedMedia(UnsupportedFirmware):
    """What the camera sends cannot be recorded, or not into this container; trying again is vain.

    Not a `MediaError`: nothing is wrong with the media.
    """


class Refused(V380Error):
    """The camera understood the request and said no."""

    code = "refused"


class CredentialsRefused(Refused):
    """The camera refused the user or the password."""

    code = "credentials_refused"


class DeviceIdRefused(Refused):
    """The camera has another device id than the one asked for."""

    code = "device_id_refused"


class CameraBusy(Refused):
    """The camera serves as many viewers as it can."""

    code = "busy"


class MediaError(V380Error):
    """Media cannot be read, or not be put into this container."""

    code = "media"


class DamagedMedia(MediaError):
    """A keyframe or its parameter sets are damaged; a later one may be good."""

    code = "damaged_media"


class StorageError(V380Error):
    """A file of ours cannot be read or written."""

    code = "storage"


class PartialFailure(V380Error):
    """Some of several things failed; the rest is done."""

    code = "partial"


class Bug(V380Error):
    """An exception that nobody expected; its traceback is in the log."""

    code = "bug"

    def __init__(self, crash: BaseException) -> None:
        super().__init__(
            f"this is a bug in v380cli: {type(crash).__name__}",
            hint="please report it with the output of the same command under `v380 -vv`",
        )


def describe_error(error: V380Error) -> dict[str, str]:
    """`{"code", "message", "hint"}` as in `--json` output."""
    return {"code": error.code, "message": error.message, "hint": error.hint}
