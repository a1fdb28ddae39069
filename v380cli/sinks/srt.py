"""SRT through the system's libsrt, as a file that a muxer writes to: PyAV is built without SRT."""

import ctypes
import ctypes.util
import socket
import struct
import time
from functools import cache
from pathlib import Path

from v380cli.errors import CredentialsRefused, InvalidInput, MediaError, NetworkError, V380Error
from v380cli.sinks.output_file import OutputFile
from v380cli.sinks.server import Server

# Debian has one build for each library of ciphers.
LIBRARIES = ("srt", "srt-gnutls", "srt-openssl")
# The numbers are those of srt.h (SRT_SOCKOPT, SRT_REJECT_REASON), the words those of FFmpeg's URLs.
TEXT_OPTIONS = {"passphrase": 26, "streamid": 46}
BAD_SECRET, UNSECURE = 10, 11
MESSAGE_BYTES = 1316  # the live mode's: seven packets of MPEG-TS
# A closed socket drops what the receiver has not yet had for its latency, 120 ms by default.
LINGER_S = 0.4
DRAIN_S = 2.0


class SrtOutput(OutputFile):
    """A caller's connection to a listener, in live mode; it cannot seek."""

    def __init__(self, server: Server) -> None:
        """Connect within three seconds.

        Raises NetworkError, CredentialsRefused for the passphrase, InvalidInput for what the URL
        asks for, or MediaError without libsrt.
        """
        self._srt = load_library()
        self._socket = self._srt.srt_create_socket()
        self.path = Path(server.label)
        self.error: OSError | None = None
        self.closed = False
        try:
            self._set_options(server.arguments)
            self._connect(server)
        except BaseException:
            self._srt.srt_close(self._socket)
            raise

    def write(self, data: bytes) -> int:
        if self.error is not None:
            raise self.error
        for start in range(0, len(data), MESSAGE_BYTES):
            message = bytes(data[start : start + MESSAGE_BYTES])
            if self._srt.srt_sendmsg(self._socket, message, len(message), -1, 1) < 0:
                self.error = ConnectionError(self._read_error())
                raise self.error
        return len(data)

    def seekable(self) -> bool:
        """Asked by PyAV."""
        return False

    def explain(self, error: OSError) -> V380Error:
        return NetworkError(f"the server is lost: {error}")

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        if self.error is None:
            self._drain()
        self._srt.srt_close(self._socket)

    def _set_options(self, arguments: dict[str, str]) -> None:
        for word, value in arguments.items():
            if (word, value) == ("mode", "caller"):
                continue
            if word not in TEXT_OPTIONS:
                raise InvalidInput(f"srt:// URLs take passphrase and streamid here, not {word!r}")
            if not self._set_text(TEXT_OPTIONS[word], value.encode()):
                raise InvalidInput(f"the {word} of the srt:// URL is too short or too long")

    def _set_text(self, option: int, text: bytes) -> bool:
        """Whether libsrt took it; nothing is no text, or without a passphrase all went in clear."""
        taken = self._srt.srt_setsockflag(self._socket, option, text, len(text))
        return bool(text) and taken >= 0

    def _connect(self, server: Server) -> None:
        address = _pack_address(server)
        if self._srt.srt_connect(self._socket, address, len(address)) >= 0:
            return
        if self._srt.srt_getrejectreason(self._socket) in (BAD_SECRET, UNSECURE):
            raise CredentialsRefused("the server refuses the passphrase, or the lack of one")
        raise NetworkError(f"the server does not answer: {self._read_error()}")

    def _drain(self) -> None:
        waiting = ctypes.c_size_t()
        deadline_s = time.monotonic() + DRAIN_S
        while time.monotonic() < deadline_s:
            self._srt.srt_getsndbuffer(self._socket, ctypes.byref(waiting), None)
            if not waiting.value:
                break
            time.sleep(0.01)
        time.sleep(LINGER_S)

    def _read_error(self) -> str:
        return str(self._srt.srt_getlasterror_str().decode(errors="replace")).lower()


@cache
def load_library() -> ctypes.CDLL:
    """libsrt, started; MediaError when there is none."""
    names = (ctypes.util.find_library(library) for library in LIBRARIES)
    name = next(filter(None, names), None)
    if name is None:
        raise MediaError(
            "there is no libsrt here, which srt:// needs",
            hint="on Debian and Ubuntu: sudo apt install libsrt1.5-gnutls",
        )
    library = ctypes.CDLL(name)
    library.srt_getlasterror_str.restype = ctypes.c_char_p
    library.srt_startup()
    return library


def _pack_address(server: Server) -> bytes:
    """The host as a sockaddr; NetworkError when its name is unknown."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise NetworkError(f"the server's name is unknown: {error.strerror}") from None
    except UnicodeError:  # a name that DNS cannot have
        raise NetworkError(f"{server.host!r} is not a host name") from None
    family, _, _, _, address = found[0]
    raw = socket.inet_pton(family, str(address[0]))
    head = struct.pack("=H", family) + struct.pack("!H", server.port)
    return head + raw + bytes(8) if family == socket.AF_INET else head + bytes(4) + raw + bytes(4)
