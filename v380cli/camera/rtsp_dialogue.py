"""A conversation with a camera's RTSP server: from its address to media that flow."""

import logging
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from v380cli.camera.conversation import DeadlineReached, converse, send_pending
from v380cli.errors import (
    NetworkError,
    NetworkTimeout,
    RemoteProtocolError,
    UnsupportedFirmware,
    V380Error,
)
from v380cli.media.rtp_payload import FRAGMENT_LEAD_BYTES
from v380cli.media.sdp_reader import SessionDescription, TrackDescription, parse_sdp
from v380cli.net.rtp_ports import RtpPorts
from v380cli.net.stream import TcpChannel
from v380cli.text import clean_text
from v380cli.wire.machine import NEED_DATA, Machine
from v380cli.wire.rtp import Frame
from v380cli.wire.rtp_runs import PacketRun
from v380cli.wire.rtsp.authorization import Authorizer
from v380cli.wire.rtsp.client import UNSUPPORTED_TRANSPORT, ClientConnection, Event, NoSuchStream
from v380cli.wire.rtsp.response import Response

if TYPE_CHECKING:
    from v380cli.camera.access import Access

RTSP_PORT = 554
REPLY_TIMEOUT_S = 5.0
RECEIVE_BYTES = 1 << 18
DATAGRAM_WAIT_S = 0.25
_CHANNELS = re.compile(r"interleaved=([0-9]{1,3})")
_RTP_TIME = re.compile(r"rtptime=([0-9]{1,10})")

log = logging.getLogger(__name__)


class NoRtspThere(NetworkError):
    """Nothing speaks RTSP at the camera's address."""


@dataclass(slots=True)
class OpenTrack:
    """A track that is set up: its channel inside the connection, and its first RTP time if told."""

    description: TrackDescription
    channel: int
    rtp_time: int | None = None


class Dialogue:
    """One RTSP connection, used by one thread; NetworkError is how it ends."""

    def __init__(self, channel: TcpChannel, authorizer: Authorizer, url: str) -> None:
        self.channel = channel
        self.connection = ClientConnection(authorizer)
        self.url = url
        self.tracks: list[OpenTrack] = []
        self.ports: RtpPorts | None = None
        self._datagram_bytes = 0
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))
        self._early: list[Frame | PacketRun] = []  # media that came before the answer to PLAY
        self._keep_alive_method = "OPTIONS"
        self._next_sign_s = float("inf")  # of life, on the monotonic clock

    @property
    def bytes_received(self) -> int:
        """All that came, inside the connection and beside it."""
        return self.connection.bytes_received + self._datagram_bytes

    @classmethod
    def open(cls, access: "Access", url: str) -> "Dialogue":
        """Connect to the server of `url`; raises NoRtspThere, or NetworkError."""
        place = urlsplit(url)
        host, port = place.hostname or "", place.port or RTSP_PORT
        try:
            channel = access.interrupt.connect(host, port)
        except NetworkError as error:
            access.interrupt.check()
            raise NoRtspThere(f"no RTSP: {error.message}") from error
        device = access.device
        authorizer = Authorizer(device.username, device.password, secrets.token_hex(8))
        return cls(channel, authorizer, url)

    def play(self, *, audio: bool) -> None:
        """Let the media flow; raises NetworkError, a Refused, or RemoteProtocolError.

        The media come inside the connection, or as datagrams where the server wants that.
        """
        self._find_methods()
        described = self.ask("DESCRIBE", self.url, {"Accept": "application/sdp"})
        base = _find_base(described, self.url)
        chosen = _choose_tracks(parse_sdp(described.body.decode("utf-8", "replace")), audio=audio)
        for description in chosen:
            self.tracks.append(self._set_up(description, _join(base, description.control)))
        for track in self.tracks:
            if track.description.is_video:
                lead_bytes = FRAGMENT_LEAD_BYTES[track.description.encoding]
                self.connection.take_rows(track.channel, lead_bytes)
        started = self.ask("PLAY", base, {"Range": "npt=0.000-"})
        self._note_starts(started.headers.get("rtp-info", ""))
        self.url = base
        self.tell_life(time.monotonic())
        if self.ports:
            self.ports.watch(self.channel)

    def ask(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Put a question and wait for its answer."""
        deadline_s = time.monotonic() + REPLY_TIMEOUT_S
        self.connection.ask(method, url, headers)
        try:
            while not isinstance(event := self._converse(deadline_s), Response):
                self._early.append(event)
        except DeadlineReached:
            raise NetworkTimeout("the camera's RTSP server did not answer") from None
        return event

    def _converse(self, deadline_s: float) -> Event:
        machine: Machine[Event] = self.connection
        return converse(self.channel, machine, deadline_s, buffer=self._buffer)

    def receive(self) -> None:
        """Read what has come, after a wait."""
        if self.ports is None:
            self.take(self.channel.receive_gathered(self._buffer))
            return
        datagrams, must_read = self.ports.receive(DATAGRAM_WAIT_S)
        self._early += datagrams
        self._datagram_bytes += sum(len(frame.packet) for frame in datagrams)
        if must_read:
            self.take(self.channel.receive_gathered(self._buffer))

    def take_frames(self) -> Iterator[Frame | PacketRun]:
        """The media frames that were read; what is said beside them is taken note of."""
        early, self._early = self._early, []
        yield from early
        while (event := self.connection.next_event()) is not NEED_DATA:
            if not isinstance(event, Response):
                yield event
        send_pending(self.channel, self.connection)

    def take(self, count: int | None) -> None:
        """Feed what has come: nothing yet (None), or nothing any more (0)."""
        if count == 0:
            raise NetworkError("the camera hung up")
        if count:
            self.connection.receive_data(self._buffer[:count])

    def tell_life(self, now_s: float) -> None:
        """Ask something when it is time, so that the server does not take us for dead."""
        if self._next_sign_s == float("inf"):
            self._next_sign_s = now_s + self.connection.session_s / 2
        elif now_s >= self._next_sign_s:
            self._next_sign_s = now_s + self.connection.session_s / 2
            self.connection.notify(self._keep_alive_method, self.url)
            send_pending(self.channel, self.connection)

    def close(self) -> None:
        """Say good-bye where that can be, and close."""
        try:
            if self.tracks:
                self.connection.notify("TEARDOWN", self.url)
                send_pending(self.channel, self.connection)
        except NetworkError as error:
            log.debug("TEARDOWN: %s", error.message)
        finally:
            self.channel.close()
            if self.ports:
                self.ports.close()

    def _find_methods(self) -> None:
        try:
            public = self.ask("OPTIONS", self.url).headers.get("public", "")
        except (NoSuchStream, RemoteProtocolError) as error:  # a few know nothing of it
            log.debug("OPTIONS: %s", error.message)
            return
        if "GET_PARAMETER" in public.upper():
            self._keep_alive_method = "GET_PARAMETER"

    def _set_up(self, description: TrackDescription, url: str) -> OpenTrack:
        number = len(self.tracks)
        if self.ports is None:
            offer = f"RTP/AVP/TCP;unicast;interleaved={number * 2}-{number * 2 + 1}"
            try:
                answer = self.ask("SETUP", url, {"Transport": offer})
            except NoSuchStream as error:
                if error.status != UNSUPPORTED_TRANSPORT or self.tracks:
                    raise
                log.info("the camera sends datagrams only")
            else:
                match = _CHANNELS.search(answer.headers.get("transport", ""))
                return OpenTrack(description, int(match[1]) if match else number * 2)
        self.ports = self.ports or RtpPorts(self.channel.peer_address)
        first, second = self.ports.add_track(self.channel)
        self.ask("SETUP", url, {"Transport": f"RTP/AVP;unicast;client_port={first}-{second}"})
        return OpenTrack(description, number * 2)

    def _note_starts(self, rtp_info: str) -> None:
        """What RTP-Info says of the first packets; it counts only if it tells of each track."""
        times = [_RTP_TIME.search(part) for part in rtp_info.split("url=")[1:]]
        if len(times) == len(self.tracks) and all(times):
            for track, match in zip(self.tracks, times, strict=True):
                track.rtp_time = int(match[1]) if match else None


def _choose_tracks(described: SessionDescription, *, audio: bool) -> list[TrackDescription]:
    """The first picture and the first sound; raises UnsupportedFirmware without a picture."""
    video = [track for track in described.tracks if track.is_video][:1]
    sound = [track for track in described.tracks if not track.is_video][:1]
    if not video:
        foreign = clean_text(", ".join(described.foreign)) or "no picture"
        raise UnsupportedFirmware(
            f"the camera's RTSP stream has {foreign}, which cannot be recorded"
        )
    return video + (sound if audio else [])


def _find_base(described: Response, url: str) -> str:
    for name in ("content-base", "content-location"):
        if told := described.headers.get(name, "").partition("\n")[0]:
            return told if told.startswith("rtsp://") else url
    return url


def _join(base: str, control: str) -> str:
    if control.lower().startswith("rtsp://"):
        return control
    if control in ("", "*"):
        return base
    return f"{base.rstrip('/')}/{control.lstrip('/')}"


def make_failure(errors: list[V380Error]) -> V380Error:
    """The error that tells most: that of a camera that answers, else the first."""
    return next((error for error in errors if not isinstance(error, NetworkError)), errors[0])
