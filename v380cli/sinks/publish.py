"""A sink that is a media server, lost and found again."""

import logging
import threading
import time
from dataclasses import dataclass, replace

from v380cli.errors import Bug, DamagedMedia, MediaError, NetworkError, V380Error
from v380cli.media.sink import Formats, Packet, Track
from v380cli.sinks.backlog import Backlog
from v380cli.sinks.publisher import CLOSE_TIMEOUT_S, Opening
from v380cli.sinks.server import Server
from v380cli.sinks.server_link import ServerLink

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 30.0
GOOD_LINK_S = 10.0  # the loss of a link that lived this long starts at the short pause again

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """What became of the packets. `dropped_frames` are pictures that the server did not get."""

    video_packets: int = 0
    audio_packets: int = 0
    reconnects: int = 0
    dropped_frames: int = 0


class PublishSink:
    """Publishes to one server; only the first `open` waits for it, ten seconds at most.

    A lost server is asked again with growing pauses, and the stream goes on there at a keyframe;
    meanwhile pictures are dropped and counted, and nobody is held up. `failure` says what nothing
    can be done about, and MediaError is raised then.
    """

    def __init__(self, server: Server, *, reconnect: bool = True) -> None:
        self.tally = Tally()
        self.failure: V380Error | None = None
        self._server = server
        self._reconnect = reconnect
        self._delivery: Delivery | None = None
        self._is_known = False  # the server took our stream once

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Begin a stream of these formats: no server takes others on a connection."""
        from v380cli.sinks.templates import open_video_template  # PyAV takes 60 ms to import

        self.close()
        open_video_template(formats.video.codec, first_keyframe).close()  # is it damaged?
        opening = Opening(self._server, formats, first_keyframe)
        self._delivery = Delivery(opening, self.tally, self._reconnect)
        try:
            self._delivery.start(await_server=not self._is_known)
        except V380Error as error:
            self.failure = error
            raise MediaError(error.message) from error
        self._is_known = True

    def write(self, packet: Packet) -> None:
        """Hand one packet on."""
        if self._delivery is None:
            raise MediaError("the server is not connected")
        if self._delivery.failure:
            self.failure = self._delivery.failure
            raise MediaError(self.failure.message)
        self._delivery.put(packet)

    def interrupt(self) -> None:
        """Do not wait for a server that does not answer; safe in a signal handler."""
        if self._delivery:
            self._delivery.interrupt()

    def close(self) -> None:
        """Send what waits and take leave; within seconds, whatever the server does."""
        delivery, self._delivery = self._delivery, None
        if delivery:
            delivery.finish()


class Delivery:
    """The thread that takes one stream to the server, over as many links as it needs."""

    def __init__(self, opening: Opening, tally: Tally, reconnect: bool) -> None:
        self.failure: V380Error | None = None
        self._opening = opening
        self._tally = tally
        self._reconnect = reconnect
        self._backlog = Backlog()
        self._thread = threading.Thread(target=self._run, name="publish")
        self._link: ServerLink | None = None
        self._connecting: ServerLink | None = None
        self._is_ending = False
        # Moments on the monotonic clock.
        self._linked_s = self._retry_s = 0.0
        self._pause_s = FIRST_RETRY_S

    def start(self, *, await_server: bool) -> None:
        """Begin; with `await_server`, raise what is in the way of a first connection."""
        if await_server:
            self._connect(self._opening)
        self._thread.start()

    def put(self, packet: Packet) -> None:
        self._backlog.put(packet)

    def interrupt(self) -> None:
        """End an attempt to connect."""
        self._is_ending = True
        if connecting := self._connecting:
            connecting.kill()

    def finish(self) -> None:
        """Deliver what waits, and end."""
        self._backlog.close()
        if self._thread.is_alive():
            self._thread.join(CLOSE_TIMEOUT_S)
            self.interrupt()
            if link := self._link if self._thread.is_alive() else None:
                link.kill()
            self._thread.join()
        self._tally.dropped_frames += self._backlog.dropped_frames

    def _run(self) -> None:
        while (packet := self._backlog.get()) is not None:
            self._deliver(packet)
        if self._link:
            self._link.close()

    def _deliver(self, packet: Packet) -> None:
        is_video = packet.track is Track.VIDEO
        is_sent = False
        try:
            if self._link is None and packet.is_keyframe and is_video:
                self._return(packet.data)
            is_sent = self._link is not None and self._link.send(packet)
        except V380Error as error:
            self._lose(error)
        except Exception as crash:  # who writes is told, instead of waiting for ever
            log.error("publish: %s", type(crash).__name__, exc_info=crash)
            self._lose(Bug(crash))
        self._tally.video_packets += is_video and is_sent
        self._tally.audio_packets += is_sent and not is_video
        self._tally.dropped_frames += is_video and not is_sent

    def _return(self, keyframe: bytes) -> None:
        """Connect again if it is time."""
        if self.failure or self._is_ending or time.monotonic() < self._retry_s:
            return
        self._connect(replace(self._opening, first_keyframe=keyframe))
        if self._retry_s:
            self._tally.reconnects += 1
            log.warning("%s is back", self._opening.server.label)

    def _connect(self, opening: Opening) -> None:
        self._connecting = link = ServerLink()
        if self._is_ending:
            link.kill()
        try:
            link.open(opening)
        except V380Error:
            link.discard()
            raise
        finally:
            self._connecting = None
        self._link, self._linked_s = link, time.monotonic()

    def _lose(self, error: V380Error) -> None:
        if link := self._link:
            self._link = None
            link.discard()
            if time.monotonic() - self._linked_s > GOOD_LINK_S:
                self._pause_s = FIRST_RETRY_S
        if not self._reconnect or not isinstance(error, NetworkError | DamagedMedia):
            self.failure = error
            return
        log.warning("%s: %s", self._opening.server.label, error.message)
        self._retry_s = time.monotonic() + self._pause_s
        self._pause_s = min(self._pause_s * 2, LONGEST_RETRY_S)
