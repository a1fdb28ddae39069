"""A live stream in RTP packets (RFC 3550), made once for all viewers. Imports PyAV."""

import secrets

import av

from v380cli.errors import MediaError
from v380cli.media.sdp import VIDEO_CLOCK_HZ, VIDEO_PAYLOAD_TYPE, choose_audio_payload_type
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.sinks.chunks import Chunk
from v380cli.sinks.templates import open_video_template
from v380cli.sinks.tracks import OutTrack, open_alaw_track, open_audio_track, open_video_track
from v380cli.wire.rtp import (
    RTP_HEAD_BYTES,
    encode_frame,
    encode_sender_report,
    parse_packet_head,
    set_rtp_time,
)

# With the heads of RTP, UDP and IP inside the 1500 bytes of Ethernet, and of what tunnels take.
PACKET_BYTES = 1400
MAX_SOUND_BYTES = 2048  # a quarter of a second; where no picture comes, sound goes alone
_OPTIONS = {
    "packetsize": str(PACKET_BYTES),
    "rtpflags": "skip_rtcp",  # the reports are ours: at each keyframe, of all tracks alike
}


class RtpStream:
    """FFmpeg packs; a chunk is the packets of one picture, in frames, and of the sound before it.

    Sound waits for a picture, since every chunk costs every viewer an awakening. A chunk that can
    be begun with has a report for each track first, which tells when it is.
    """

    def __init__(self, formats: Formats, keyframe: bytes, wall_s: float) -> None:
        try:
            self._tracks = {Track.VIDEO: _open_video(formats, keyframe)}
            if formats.audio:
                self._tracks[Track.AUDIO] = _open_sound(formats.audio)
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into RTP: {error}") from error
        self._wall_s = wall_s  # of the first packet
        self._first_ms: int | None = None
        self._sound = b""
        self._name = secrets.token_hex(8)

    def write(self, packet: Packet) -> list[Chunk]:
        track = self._tracks.get(packet.track)
        if track is None:
            return []
        if self._first_ms is None:
            self._first_ms = packet.pts_ms
        is_video = packet.track is Track.VIDEO
        report = self._report(packet.pts_ms) if is_video and packet.is_keyframe else b""
        try:
            data = track.mux(packet)
        except av.FFmpegError as error:
            raise MediaError(f"this does not go into RTP: {error}") from error
        if not is_video:
            self._sound += data
            return self._take_sound() if len(self._sound) > MAX_SOUND_BYTES else []
        if report:
            return [*self._take_sound(), Chunk(report + data, is_start=True, pictures=1)]
        sound, self._sound = self._sound, b""
        return [Chunk(sound + data, pictures=1)]

    def finish(self) -> list[Chunk]:
        return self._take_sound()

    def _take_sound(self) -> list[Chunk]:
        sound, self._sound = self._sound, b""
        return [Chunk(sound)] if sound else []

    def _report(self, pts_ms: int) -> bytes:
        assert self._first_ms is not None
        wall_s = self._wall_s + (pts_ms - self._first_ms) / 1000
        return b"".join(t.report(wall_s, pts_ms, self._name) for t in self._tracks.values())


class _RtpTrack:
    """What FFmpeg writes the packets of one track to.

    It begins its clock anywhere and does not say where, so that the clock of RTP is ours: that of
    the media from some moment on that is not 0, which players take for none.
    """

    def __init__(self, number: int, clock_hz: int, payload_type: int) -> None:
        self._number = number
        self._clock_hz = clock_hz
        self._ssrc = secrets.randbits(31)
        self._zero_time = 1 + secrets.randbits(31)
        self._packets = self._payload_bytes = 0
        self._first_ms: int | None = None
        self._offset: int | None = None
        self._frames: list[bytes] = []
        self._track: OutTrack | None = None
        options = {
            **_OPTIONS,
            "ssrc": str(self._ssrc),
            "payload_type": str(payload_type),
        }
        self.out = av.open(self, "w", format="rtp", container_options=options)

    def begin(self, track: OutTrack) -> None:
        """Take packets from now on, by way of this track of `out`."""
        self._track = track
        self.out.start_encoding()

    def mux(self, packet: Packet) -> bytes:
        """The frames that come of a packet; FFmpeg keeps AAC back until the next one."""
        assert self._track is not None
        if self._first_ms is None:
            self._first_ms = packet.pts_ms
        for out in self._track.write(packet):
            self.out.mux_one(out)
        frames, self._frames = self._frames, []
        return b"".join(frames)

    def write(self, data: bytes) -> int:
        """Take one packet of FFmpeg's."""
        assert self._first_ms is not None
        packet = bytes(data)
        rtp_time = parse_packet_head(packet).rtp_time
        if self._offset is None:
            self._offset = self._find_time(self._first_ms) - rtp_time
        self._frames.append(
            encode_frame(2 * self._number, set_rtp_time(packet, rtp_time + self._offset))
        )
        self._packets += 1
        self._payload_bytes += len(packet) - RTP_HEAD_BYTES
        return len(packet)

    def report(self, wall_s: float, pts_ms: int, name: str) -> bytes:
        """Tell which wall-clock time a moment is."""
        report = encode_sender_report(
            self._ssrc, wall_s, self._find_time(pts_ms), self._packets, self._payload_bytes, name
        )
        return encode_frame(2 * self._number + 1, report)

    def _find_time(self, pts_ms: int) -> int:
        return self._zero_time + pts_ms * self._clock_hz // 1000


def _open_video(formats: Formats, keyframe: bytes) -> _RtpTrack:
    track = _RtpTrack(0, VIDEO_CLOCK_HZ, VIDEO_PAYLOAD_TYPE)
    with open_video_template(formats.video.codec, keyframe) as template:
        track.begin(open_video_track(track.out, template))
    return track


def _open_sound(audio: AudioFormat) -> _RtpTrack:
    """AAC as it is, PCM as A-law."""
    track = _RtpTrack(1, audio.sample_rate, choose_audio_payload_type(audio))
    if audio.codec is Codec.AAC:
        copy, _ = open_audio_track(track.out, audio, takes_pcm=False)
        track.begin(copy)
    else:
        track.begin(open_alaw_track(track.out, audio))
    return track
