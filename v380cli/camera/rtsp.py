"""The road of RTSP: what many V380 cameras speak beside their own protocol.

The client is our own. FFmpeg's, by way of PyAV, cannot be interrupted while it waits, takes the
password inside an address that its log and its errors repeat, and hides which packets were lost.
What is left for it to do, putting frames together, is two hundred lines (media/rtp_payload.py).
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from v380cli.camera.gathered_link import GatheredLink
from v380cli.camera.onvif import OnvifClient
from v380cli.camera.refused_login import explain_refusal
from v380cli.camera.roads import COARSE_PATH
from v380cli.camera.rtsp_dialogue import RTSP_PORT, Dialogue, NoRtspThere, make_failure
from v380cli.camera.rtsp_track import RtspTrack
from v380cli.errors import (
    CredentialsRefused,
    NetworkError,
    Refused,
    RemoteProtocolError,
    V380Error,
)
from v380cli.models import Device, Quality, Via
from v380cli.net.stream import TcpChannel
from v380cli.wire.control import decode_control
from v380cli.wire.decryption import Encryption
from v380cli.wire.rtp import Frame
from v380cli.wire.rtp_reception import holds_goodbye
from v380cli.wire.rtp_runs import PacketRun
from v380cli.wire.rtsp.client import NoSuchStream
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.stream_counters import StreamCounters

if TYPE_CHECKING:
    from v380cli.camera.access import Access
    from v380cli.camera.onvif_controls import OnvifControls

# Seen on real cameras; others have one picture only.
FINE_PATH = "/live/ch00_1"
PATHS = {
    Quality.HD: (FINE_PATH, COARSE_PATH, "/h264"),
    Quality.SD: (COARSE_PATH, FINE_PATH, "/h264"),
}
LOOK_S = 2.0

FindAddresses = Callable[["Access", Quality], Iterator[str]]

log = logging.getLogger(__name__)


class RtspLink(GatheredLink):
    """An open RTSP stream, read by one thread and interrupted by any."""

    via = Via.RTSP

    def __init__(self, dialogue: Dialogue, address: str, device: Device) -> None:
        super().__init__(dialogue.channel)
        self.address = address
        self._device = device
        self._controls: OnvifControls | None = None
        self._one_control = threading.Lock()
        self.counters = StreamCounters()
        self._dialogue = dialogue
        self._end: V380Error | None = None
        may_overtake = dialogue.ports is not None
        self._tracks = {
            track.channel: RtspTrack(track, self._find_present_ms, may_overtake=may_overtake)
            for track in dialogue.tracks
        }

    @classmethod
    def open(cls, access: "Access", url: str, *, audio: bool, prompt: bool) -> "RtspLink":
        """Open the stream at this address; the password is the device's, and not in it."""
        dialogue = Dialogue.open(access, url)
        try:
            dialogue.play(audio=audio)
        except BaseException:
            dialogue.close()
            raise
        log.info("%s: RTSP, %s", access.device.label, url)
        link = cls(dialogue, url, access.device)
        link.set_prompt(prompt)
        return link

    def set_prompt(self, wanted: bool) -> None:
        """Hand out each frame when it comes, or many at once; datagrams are never gathered."""
        super().set_prompt(wanted or self._dialogue.ports is not None)

    @property
    def opened(self) -> StreamOpened:
        """What the server said of the sound; the picture tells its own size."""
        sound = [track for track in self._dialogue.tracks if not track.description.is_video]
        return StreamOpened(
            width=0,
            height=0,
            version=0,
            max_packet=0,
            audio_rate_hz=sound[0].description.clock_hz if sound else 0,
            audio_channels=sound[0].description.channels if sound else 0,
        )

    @property
    def encryption(self) -> str:
        """RTSP has none."""
        return Encryption.CLEAR

    def send_control(self, packet: bytes) -> None:
        """Have it done by ONVIF, since RTSP has no controls; from any thread, and it may take time.

        Raises what `OnvifControls` does.
        """
        from v380cli.camera.onvif_controls import OnvifControls  # few links need it

        if (control := decode_control(packet)) is None:
            return
        with self._one_control:
            self._controls = self._controls or OnvifControls.open(self._device)
            self._controls.send(control)

    def close(self) -> None:
        """Say good-bye, and end the link."""
        if self._listener:  # who hears of the media may set the pace of the channel until then
            self._listener.lose_link()
        self._dialogue.close()

    def _take_burst(self) -> list[MediaReceived]:
        burst: list[MediaReceived] = []
        try:
            for frames in self._dialogue.take_frames():
                burst += self._take_frames(frames)
        except (NetworkError, RemoteProtocolError) as error:  # what came before it counts
            self._end = error
        return burst

    def _check_end(self) -> None:
        if self._end:
            raise self._end

    def _receive(self) -> None:
        self._dialogue.tell_life(time.monotonic())
        self._dialogue.receive()
        self.counters.bytes_received = self._dialogue.bytes_received

    def _take_frames(self, frames: Frame | PacketRun) -> list[MediaReceived]:
        track = self._tracks.get(frames.channel)
        if track is None:
            if isinstance(frames, Frame):
                self._check_goodbye(*frames)
            return []
        media = track.take(frames)
        self.counters.fragments += len(frames.bodies) if isinstance(frames, PacketRun) else 1
        if track.is_video:
            self.counters.video_frames += len(media)
            self.counters.dropped_frames = track.dropped_frames
        else:
            self.counters.audio_frames += len(media)
        return media

    def _check_goodbye(self, channel: int, packet: bytes) -> None:
        if channel - 1 in self._tracks and holds_goodbye(packet):
            raise NetworkError("the camera ended the stream")

    def _find_present_ms(self) -> int:
        """How far the stream has come, by what was read of its tracks so far."""
        return max(track.reached_ms for track in self._tracks.values())


class Rtsp:
    """RTSP at the camera's addresses; the one that worked last is tried first."""

    def __init__(self, find_addresses: FindAddresses | None = None) -> None:
        self._find_addresses = find_addresses or find_usual_addresses
        self._good: dict[Quality, str] = {}

    def open_live(
        self, access: "Access", *, quality: Quality, audio: bool, prompt: bool
    ) -> RtspLink:
        """Try one address after the other, also where the camera has moved to.

        Raises what the most telling failure was.
        """
        opening = partial(self._open_any, access, quality, audio=audio, prompt=prompt)
        try:
            return opening()
        except NetworkError:
            access.interrupt.check()
            self._good.clear()
            link = access.at_new_address(opening)
            if link is None:
                raise
            return link

    def _open_any(
        self, access: "Access", quality: Quality, *, audio: bool, prompt: bool
    ) -> RtspLink:
        errors: list[V380Error] = []
        closed: set[str] = set()  # where nothing listens, nothing else is asked for
        for url in self._list_addresses(access, quality):
            if urlsplit(url).netloc in closed:
                continue
            try:
                link = RtspLink.open(access, url, audio=audio, prompt=prompt)
            except CredentialsRefused as error:
                raise explain_refusal(error, access.device) from error
            except (NoSuchStream, RemoteProtocolError, NetworkError) as error:
                access.interrupt.check()
                log.debug("%s: %s", url, error.message)
                errors.append(error)
                if isinstance(error, NoRtspThere):
                    closed.add(urlsplit(url).netloc)
            else:
                self._good[quality] = url
                return link
        raise make_failure(errors)

    def _list_addresses(self, access: "Access", quality: Quality) -> Iterator[str]:
        good = self._good.get(quality)
        if good:
            yield good
        tried = {good}
        for url in self._find_addresses(access, quality):
            if url not in tried:
                tried.add(url)
                yield url


def find_usual_addresses(access: "Access", quality: Quality) -> Iterator[str]:
    """The stream's address as it is known, as ONVIF tells it, and where V380 cameras have it.

    What is known is the fine stream; the coarse one is looked for beside it.
    """
    known = access.device.rtsp_url
    if known and quality is Quality.HD:
        yield known
    try:
        yield OnvifClient.open(access).find_stream(quality)
    except (NetworkError, Refused, RemoteProtocolError) as error:
        access.interrupt.check()
        log.debug("%s: %s", access.device.label, error.message)
    if known:
        port = urlsplit(known).port or RTSP_PORT
        yield from (make_url(access.device, path, port) for path in PATHS[quality])
        yield known
    yield from (make_url(access.device, path) for path in PATHS[quality])


def listens(device: Device) -> bool:
    """Whether something takes a connection where the camera's RTSP would be."""
    url = device.rtsp_url or make_url(device, "")
    place = urlsplit(url)
    try:
        with TcpChannel.open(place.hostname or "", place.port or RTSP_PORT, timeout_s=LOOK_S):
            return True
    except NetworkError:
        return False


def make_url(device: Device, path: str, port: int = RTSP_PORT) -> str:
    """`rtsp://HOST:PORT/PATH`."""
    return f"rtsp://{device.host}:{port}{path}"
