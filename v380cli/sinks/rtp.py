"""A live stream in RTP packets (RFC 3550), made once for all viewers.

FFmpeg could make them, but calls for each packet: a picture in one go costs a third of that.
"""

import secrets

from v380cli.errors import MediaError
from v380cli.media.g711 import encode_alaw
from v380cli.media.rtp_cutting import cut_aac, cut_picture
from v380cli.media.sdp import VIDEO_CLOCK_HZ, VIDEO_PAYLOAD_TYPE, choose_audio_payload_type
from v380cli.media.sink import AudioFormat, Codec, Formats, Packet, Track
from v380cli.sinks.chunks import Chunk
from v380cli.wire.rtp import RTP_HEAD_BYTES, PacketWriter

# With the heads of RTP, UDP and IP inside the 1500 bytes of Ethernet, and of what tunnels take.
PACKET_BYTES = 1400
PAYLOAD_BYTES = PACKET_BYTES - RTP_HEAD_BYTES
MAX_SOUND_BYTES = 2048  # a quarter of a second; where no picture comes, sound goes alone


class RtpStream:
    """A chunk is the packets of one picture, in frames, and of the sound before it.

    Sound waits for a picture, since each viewer is sent each chunk by itself. A chunk that can
    be begun with has a report for each track first, which tells when it is.
    """

    def __init__(self, formats: Formats, wall_s: float) -> None:
        if formats.video.codec is Codec.MJPEG:
            raise MediaError("Motion JPEG is not served in RTP")
        self._codec = formats.video.codec
        self._video = _RtpTrack(0, VIDEO_CLOCK_HZ, VIDEO_PAYLOAD_TYPE)
        self._audio = _SoundTrack(formats.audio) if formats.audio else None
        self._wall_s = wall_s  # of the first packet
        self._first_ms: int | None = None
        self._sound = b""
        self._name = secrets.token_hex(8)

    def write(self, packet: Packet) -> list[Chunk]:
        if self._first_ms is None:
            self._first_ms = packet.pts_ms
        if packet.track is Track.VIDEO:
            return self._write_picture(packet)
        if self._audio:
            self._sound += self._audio.encode_sound(packet)
        return self._take_sound() if len(self._sound) > MAX_SOUND_BYTES else []

    def finish(self) -> list[Chunk]:
        return self._take_sound()

    def _write_picture(self, packet: Packet) -> list[Chunk]:
        report = self._report(packet.pts_ms) if packet.is_keyframe else b""
        payloads = cut_picture(self._codec, packet.data, PAYLOAD_BYTES)
        data = self._video.encode(payloads, packet.pts_ms, is_marked=True)
        if report:
            return [*self._take_sound(), Chunk(report + data, is_start=True, pictures=1)]
        sound, self._sound = self._sound, b""
        return [Chunk(sound + data, pictures=1)]

    def _take_sound(self) -> list[Chunk]:
        sound, self._sound = self._sound, b""
        return [Chunk(sound)] if sound else []

    def _report(self, pts_ms: int) -> bytes:
        assert self._first_ms is not None
        wall_s = self._wall_s + (pts_ms - self._first_ms) / 1000
        tracks = [self._video, self._audio] if self._audio else [self._video]
        return b"".join(track.report(wall_s, pts_ms, self._name) for track in tracks)


class _RtpTrack:
    """One track and its clock: that of the media from some moment on.

    That moment is not 0, which players take for none.
    """

    def __init__(self, number: int, clock_hz: int, payload_type: int) -> None:
        self._clock_hz = clock_hz
        self._zero_time = 1 + secrets.randbits(31)
        self._writer = PacketWriter(
            number, payload_type, ssrc=secrets.randbits(32), sequence=secrets.randbits(16)
        )

    def encode(
        self, payloads: list[bytes], pts_ms: int, *, is_marked: bool, ticks: int = 0
    ) -> bytes:
        """The packets of one moment, so many `ticks` of the clock after another one."""
        return self._writer.encode(payloads, self._find_time(pts_ms) + ticks, is_marked=is_marked)

    def report(self, wall_s: float, pts_ms: int, name: str) -> bytes:
        """Tell which wall-clock time a moment is."""
        return self._writer.report(wall_s, self._find_time(pts_ms), name)

    def _find_time(self, pts_ms: int) -> int:
        return self._zero_time + pts_ms * self._clock_hz // 1000


class _SoundTrack(_RtpTrack):
    """AAC as it is, PCM as A-law."""

    def __init__(self, audio: AudioFormat) -> None:
        super().__init__(1, audio.sample_rate, choose_audio_payload_type(audio))
        self._audio = audio

    def encode_sound(self, packet: Packet) -> bytes:
        if self._audio.codec is Codec.AAC:
            payloads = cut_aac(packet.data, PAYLOAD_BYTES)
            return self.encode(payloads, packet.pts_ms, is_marked=True)
        sound, channels = encode_alaw(packet.data), self._audio.channels
        return b"".join(
            self.encode(
                [sound[at : at + PAYLOAD_BYTES]],
                packet.pts_ms,
                is_marked=False,
                ticks=at // channels,
            )
            for at in range(0, len(sound), PAYLOAD_BYTES)
        )
