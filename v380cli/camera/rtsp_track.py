"""One track of an RTSP stream: packets in, media out, on the clock of the stream."""

from collections.abc import Callable

from v380cli.camera.rtsp_dialogue import OpenTrack
from v380cli.media.rtp_payload import MediaUnit, VideoAssembler, open_assembler
from v380cli.media.sdp_reader import Encoding
from v380cli.wire.commands import FrameType
from v380cli.wire.rtp import Frame
from v380cli.wire.rtp_reception import PacketOrder, RtpPacket, TrackClock, parse_rtp_packet
from v380cli.wire.rtp_runs import PacketRun
from v380cli.wire.session import MediaReceived

# A start that RTP-Info tells and the first packets do not agree with is not believed.
START_TOLERANCE_MS = 10_000
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


class RtspTrack:
    """Makes media of the packets of one track; datagrams `may_overtake` each other.

    A track of whose start the server says nothing begins at the present of the stream.
    """

    def __init__(
        self, track: OpenTrack, find_present_ms: Callable[[], int], *, may_overtake: bool
    ) -> None:
        self.is_video = track.description.is_video
        self._find_present_ms = find_present_ms
        self._description = track.description
        self._told_start = track.rtp_time
        self._order = PacketOrder(may_overtake=may_overtake)
        self._assembler = open_assembler(track.description)
        self._clock: TrackClock | None = None
        self._offset_ms = 0
        self._rtp_time = 0  # of the last packet
        self._frame_id = 0

    @property
    def dropped_frames(self) -> int:
        return self._assembler.dropped_frames

    @property
    def reached_ms(self) -> int:
        """The stamp of the last packet; 0 before the first."""
        return self._stamp(self._rtp_time) if self._clock else 0

    def take(self, frames: Frame | PacketRun) -> list[MediaReceived]:
        """Take what came on the track's channel."""
        if isinstance(frames, PacketRun):
            units = self._take_run(frames)
        else:
            packet = parse_rtp_packet(frames.packet)
            units = self._take_packet(packet) if packet else []
        return [self._make_media(unit) for unit in units]

    def _take_run(self, run: PacketRun) -> list[MediaUnit]:
        is_usual = self._clock and run.payload_type == self._description.payload_type
        if is_usual and self._order.take_row(run.sequence, len(run.bodies)):
            assert isinstance(self._assembler, VideoAssembler)
            self._rtp_time = run.rtp_time
            return self._assembler.take_row(run.leads, run.bodies, run.rtp_time)
        packets = run.list_packets()
        return [unit for packet in packets for unit in self._take_packet(packet)]

    def _take_packet(self, packet: RtpPacket) -> list[MediaUnit]:
        if packet.payload_type != self._description.payload_type:
            return []
        units: list[MediaUnit] = []
        for one in self._order.take(packet):
            self._clock = self._clock or self._start_clock(one.rtp_time)
            self._rtp_time = one.rtp_time
            units += self._assembler.take(
                one.payload, one.rtp_time, is_marked=one.is_marked, lost=one.lost
            )
        return units

    def _start_clock(self, rtp_time: int) -> TrackClock:
        if self._told_start is not None:
            clock = TrackClock(self._description.clock_hz, self._told_start)
            if abs(clock.read_ms(rtp_time)) <= START_TOLERANCE_MS:
                return clock
        self._offset_ms = self._find_present_ms()
        return TrackClock(self._description.clock_hz, rtp_time)

    def _stamp(self, rtp_time: int) -> int:
        assert self._clock is not None
        return self._offset_ms + self._clock.read_ms(rtp_time)

    def _make_media(self, unit: MediaUnit) -> MediaReceived:
        self._frame_id += 1
        encoding = self._description.encoding
        kind = KEY_AND_DELTA[encoding][not unit.is_keyframe] if self.is_video else SOUND[encoding]
        return MediaReceived(
            frame_type=kind,
            frame_id=self._frame_id,
            fps=self._description.fps,
            timestamp_ms=self._stamp(unit.rtp_time),
            payload=unit.data,
            kind="video" if self.is_video else "audio",
        )
