"""The road of RTSP: what many V380 cameras speak beside their own protocol.

The client is our own. FFmpeg's, by way of PyAV, cannot be interrupted while it waits, takes the
password inside an address that its log and its errors repeat, and hides which packets were lost.
What is left for it to do, putting frames together, is two hundred lines (media/rtp_payload.py).
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from v380cli.camera.live import PROMPT_BYTES
from v380cli.camera.onvif import OnvifClient
from v380cli.camera.refused_login import explain_refusal
from v380cli.camera.rtsp_dialogue import RTSP_PORT, Dialogue, NoRtspThere, OpenTrack, make_failure
from v380cli.camera.transport import SILENCE_TIMEOUT_S, Clock, never
from v380cli.errors import (
    CredentialsRefused,
    NetworkError,
    NetworkTimeout,
    Refused,
    RemoteProtocolError,
    V380Error,
)
from v380cli.media.rtp_payload import MediaUnit, open_assembler
from v380cli.media.sdp_reader import Encoding
from v380cli.models import Device, Quality, Via
from v380cli.net.stream import TcpChannel
from v380cli.wire.commands import FrameType
from v380cli.wire.decryption import Encryption
from v380cli.wire.rtp_reception import PacketOrder, TrackClock, holds_goodbye, parse_rtp_packet
from v380cli.wire.rtsp.client import NoSuchStream
from v380cli.wire.session import MediaReceived, StreamOpened
from v380cli.wire.stream_counters import StreamCounters

if TYPE_CHECKING:
    from v380cli.camera.access import Access

# Seen on real cameras: ch00_1 is the fine picture and ch00_0 the coarse one; others have one only.
PATHS = {
    Quality.HD: ("/live/ch00_1", "/live/ch00_0", "/h264"),
    Quality.SD: ("/live/ch00_0", "/live/ch00_1", "/h264"),
}
GATHER_BYTES, GATHER_WAIT_S = 1 << 15, 0.25  # packets are stamped by their arrival at first
# A start that RTP-Info tells and the first packets do not agree with is not believed.
START_TOLERANCE_MS = 10_000
LOOK_S = 2.0
KEY_AND_DELTA = {
    Encoding.H264: (FrameType.H264_KEY, FrameType.H264_DELTA),
    Encoding.HEVC: (FrameType.HEVC_KEY, FrameType.HEVC_DELTA),
}
SOUND = {
    Encoding.AAC: FrameType.AAC_ADTS,
    Encoding.ALAW: FrameType.G711_ALAW,
    Encoding.ULAW: FrameType.PCM16,
    Encoding.PCM16: FrameType.PCM16,
}

FindAddresses = Callable[["Access", Quality], Iterator[str]]

log = logging.getLogger(__name__)


class RtspLink:
    """An open RTSP stream, read by one thread and interrupted by any."""

    via = Via.RTSP

    def __init__(self, dialogue: Dialogue, address: str) -> None:
        self.address = address
        self.counters = StreamCounters()
        self._dialogue = dialogue
        self._began_s: float | None = None
        self._tracks = {track.channel: _Track(track, dialogue) for track in dialogue.tracks}

    @classmethod
    def open(cls, access: "Access", url: str, *, audio: bool, prompt: bool) -> "RtspLink":
        """Open the stream at this address; the password is the device's, and not in it."""
        dialogue = Dialogue.open(access, url)
        try:
            dialogue.play(audio=audio)
            many = 1 if prompt or dialogue.ports else GATHER_BYTES
            dialogue.channel.gather(max(many, PROMPT_BYTES), GATHER_WAIT_S)
        except BaseException:
            dialogue.close()
            raise
        log.info("%s: RTSP, %s", access.device.label, url)
        return cls(dialogue, url)

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
    def arrival_s(self) -> float:
        """Just now: little is gathered."""
        return time.monotonic()

    @property
    def encryption(self) -> str:
        """RTSP has none."""
        return Encryption.CLEAR

    def read_media(
        self, *, deadline_s: Clock = never, silence_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[MediaReceived]:
        """Yield media as it comes, until the monotonic clock shows what `deadline_s` tells.

        Raises NetworkError when the link breaks or ends, NetworkTimeout when no media came for
        `silence_s` seconds. Both moments are met within `GATHER_WAIT_S`.
        """
        silent_at = time.monotonic() + silence_s
        frames = self._dialogue.take_frames()
        while True:
            arrival_s = time.monotonic()
            for frame in frames:
                for media in self._take_packet(frame.channel, frame.packet, arrival_s):
                    silent_at = time.monotonic() + silence_s
                    yield media
            now_s = time.monotonic()
            if now_s >= deadline_s():
                return
            if now_s >= silent_at:
                raise NetworkTimeout(f"no media for {silence_s:g} s")
            self._dialogue.tell_life(now_s)
            frames = self._dialogue.receive(GATHER_WAIT_S)
            self.counters.bytes_received = self._dialogue.bytes_received

    def send_control(self, packet: bytes) -> None:
        """RTSP carries no controls of the private protocol."""
        raise NetworkError("controls do not go over RTSP")

    def close(self) -> None:
        self._dialogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take_packet(self, channel: int, packet: bytes, arrival_s: float) -> list[MediaReceived]:
        track = self._tracks.get(channel)
        if track is None:
            if channel - 1 in self._tracks and holds_goodbye(packet):
                raise NetworkError("the camera ended the stream")
            return []
        self.counters.fragments += 1
        if self._began_s is None:
            self._began_s = arrival_s
        media = track.take(packet, round((arrival_s - self._began_s) * 1000))
        if track.is_video:
            self.counters.video_frames += len(media)
            self.counters.dropped_frames = track.dropped_frames
        else:
            self.counters.audio_frames += len(media)
        return media


class _Track:
    """One track of a link: packets in, media out, on the clock of the link."""

    def __init__(self, track: OpenTrack, dialogue: Dialogue) -> None:
        self.is_video = track.description.is_video
        self._description = track.description
        self._told_start = track.rtp_time
        self._order = PacketOrder(may_overtake=dialogue.ports is not None)
        self._assembler = open_assembler(track.description)
        self._clock: TrackClock | None = None
        self._offset_ms = 0
        self._frame_id = 0

    @property
    def dropped_frames(self) -> int:
        return self._assembler.dropped_frames

    def take(self, data: bytes, arrival_ms: int) -> list[MediaReceived]:
        """Take one packet that came `arrival_ms` after the link's first."""
        packet = parse_rtp_packet(data)
        if packet is None or packet.payload_type != self._description.payload_type:
            return []
        units: list[MediaUnit] = []
        for one in self._order.take(packet):
            self._clock = self._clock or self._start_clock(one.rtp_time, arrival_ms)
            units += self._assembler.take(
                one.payload, one.rtp_time, is_marked=one.is_marked, lost=one.lost
            )
        return [self._make_media(unit) for unit in units]

    def _start_clock(self, rtp_time: int, arrival_ms: int) -> TrackClock:
        """From where the server says that the track begins, else from when it came."""
        if self._told_start is not None:
            clock = TrackClock(self._description.clock_hz, self._told_start)
            if abs(clock.read_ms(rtp_time)) <= START_TOLERANCE_MS:
                return clock
        self._offset_ms = arrival_ms
        return TrackClock(self._description.clock_hz, rtp_time)

    def _make_media(self, unit: MediaUnit) -> MediaReceived:
        assert self._clock is not None
        self._frame_id += 1
        encoding = self._description.encoding
        kind = KEY_AND_DELTA[encoding][not unit.is_keyframe] if self.is_video else SOUND[encoding]
        return MediaReceived(
            frame_type=kind,
            frame_id=self._frame_id,
            fps=self._description.fps,
            timestamp_ms=self._offset_ms + self._clock.read_ms(unit.rtp_time),
            payload=unit.data,
            kind="video" if self.is_video else "audio",
        )


class Rtsp:
    """RTSP at the camera's addresses; the one that worked last is tried first."""

    def __init__(self, find_addresses: FindAddresses | None = None) -> None:
        self._find_addresses = find_addresses or find_usual_addresses
        self._good: dict[Quality, str] = {}

    def open_live(
        self, access: "Access", *, quality: Quality, audio: bool, prompt: bool
    ) -> RtspLink:
        """Try one address after the other; raises what the most telling failure was."""
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
