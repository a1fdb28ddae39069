"""From media frames to a sink: name them, stamp them, hold them back until a file can begin."""

import logging
import math
from collections.abc import Callable

from v380cli.camera.lenses import LensSorter
from v380cli.camera.media_file import MediaFile
from v380cli.camera.sound_track import SoundTrack
from v380cli.camera.turns import LensTurns
from v380cli.errors import DamagedMedia, UnsupportedMedia
from v380cli.media.access_unit import classify_access_unit
from v380cli.media.gate import GatedUnit, KeyframeGate
from v380cli.media.sink import Codec, Packet, Sink, Track
from v380cli.media.timeline import Timeline
from v380cli.wire.commands import H264_TYPES, HEVC_TYPES, MPEG4_TYPES, FrameType
from v380cli.wire.session import MediaReceived, StreamOpened

DEFAULT_FRAME_MS = 1000 / 15  # where the camera does not tell its frame rate
MAX_FPS = 120
MAX_TOLD_TYPES = 8  # more unknown numbers than that are damage
# Nobody sends MPEG-4 beside a codec that we know: after so many pictures it is all there is.
MPEG4_PATIENCE = 5

CODEC_HINTS = {
    **dict.fromkeys(H264_TYPES, Codec.H264),
    **dict.fromkeys(HEVC_TYPES, Codec.HEVC),
    FrameType.JPEG: Codec.MJPEG,
}

log = logging.getLogger(__name__)


class MediaPipeline:
    """Feeds one sink from one camera; the same pipeline lives through lost links.

    Another lens goes into the sink that `open_lens` gives for its number, without sound; without
    `open_lens` it is left out. `video_frames` and `duration_s` are of the first lens.
    `unusable_frames` are pictures that came whole and were thrown away; those before the first
    keyframe of a link, which nobody can show, are not counted. `label` is that of the camera, for
    the log.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        audio: bool,
        open_lens: Callable[[int], Sink] | None = None,
        label: str = "the camera",
    ) -> None:
        self._label = label
        self._is_damaged = False
        self.video_frames = 0
        self.audio_packets = 0
        self._lenses = LensSorter()
        self._open_lens = open_lens
        self._further: dict[int, MediaPipeline | None] = {}  # by the number of the lens
        self._unusable_frames = 0
        self._timeline = Timeline()
        self._gate = KeyframeGate()
        self._sound = SoundTrack(self._timeline) if audio else None
        self._file = MediaFile(sink, waits_for_audio=audio)
        self._foreign_audio = 0
        self._unknown_types: set[int] = set()
        self._turns = LensTurns()
        self._turns_lens: int | None = None  # the number of the lens that takes turns with ours
        self._has_begun = False  # on the present link
        self._first_pts_ms: int | None = None
        self.duration_s = 0.0  # media time from the first keyframe to the end of the last picture

    @property
    def unusable_frames(self) -> int:
        """Of all lenses."""
        if not self._further:
            return self._unusable_frames
        return self._unusable_frames + sum(lens.unusable_frames for lens in self._list_further())

    @property
    def unusable_audio(self) -> int:
        """Frames of sound that were left out: damaged, of another format, beside no picture."""
        return self._foreign_audio + (self._sound.unusable_frames if self._sound else 0)

    def expect(self, opened: StreamOpened) -> None:
        """Take what the camera says of its sound into account."""
        if self._sound:
            self._sound.expect(opened)

    def feed(self, media: MediaReceived, arrival_s: float) -> bool:
        """Take one media frame; true if it went into the recording. Raises what the sink raises.

        Not so for damaged media: they cost what comes until the next keyframe, and are counted.
        """
        if self._turns.is_on:
            self._turns.note(media)
        try:
            if media.kind != "video":
                return self._feed_other(media, arrival_s)
            if media.frame_type in self._lenses.first_types:
                return self._feed_video(media, arrival_s)
            return self._feed_lens(media, arrival_s)
        except DamagedMedia as error:
            self._skip_damage(error)
            return False

    def _feed_other(self, media: MediaReceived, arrival_s: float) -> bool:
        if self._sound is None:
            return False
        if media.kind == "audio":
            return self._feed_audio(self._sound, media, arrival_s)
        return self._leave_out(media.frame_type)

    def lose_link(self) -> None:
        """What comes next does not join on: wait for a keyframe."""
        self._gate.close_gate()
        self._turns.lose_link()
        self._has_begun = False
        for lens in self._list_further():
            lens.lose_link()

    def _skip_damage(self, error: DamagedMedia) -> None:
        """Go on with the next keyframe, in another file; this is told once until one is good."""
        level = logging.DEBUG if self._is_damaged else logging.WARNING
        log.log(
            level, "%s: nothing is recorded until the next keyframe: %s", self._label, error.message
        )
        self._is_damaged = True
        lost = self._file.abandon()
        self.video_frames -= lost[Track.VIDEO]
        self._unusable_frames += lost[Track.VIDEO]
        self.audio_packets -= lost[Track.AUDIO]
        self._foreign_audio += lost[Track.AUDIO]
        self._gate.close_gate()
        self._gate.format = None
        if not self.video_frames:  # the recording has not begun after all
            self._first_pts_ms, self.duration_s = None, 0.0

    def close(self) -> None:
        """Finish the files; media that waited for sound is written first."""
        try:
            self._close_file()
        finally:
            for lens in self._list_further():
                lens.close()

    def _close_file(self) -> None:
        try:
            self._file.close()
        except DamagedMedia as error:
            self._skip_damage(error)
            self._file.close()

    def _feed_lens(self, media: MediaReceived, arrival_s: float) -> bool:
        number = self._lenses.find(media.frame_type)
        if number == 1:
            return self._feed_video(media, arrival_s)
        if number not in self._further:
            self._further[number] = self._add_lens(number, f"of frame type {media.frame_type}")
        return self._feed_further(number, media, arrival_s)

    def _feed_turn(self, lens: int | None, media: MediaReceived, arrival_s: float) -> bool:
        """Take a picture that is not ours, or not known to be."""
        if lens is None:
            self._unusable_frames += 1
            return False
        if self._turns_lens is None:
            number = self._turns_lens = self._lenses.add()
            self._further[number] = self._add_lens(number, "that takes turns with the first")
        return self._feed_further(self._turns_lens, media, arrival_s)

    def _feed_further(self, number: int, media: MediaReceived, arrival_s: float) -> bool:
        lens = self._further[number]
        return lens is not None and lens.feed(media, arrival_s)

    def _add_lens(self, number: int, which: str) -> "MediaPipeline | None":
        log.warning(
            "%s: the camera has another lens, %s: it %s",
            self._label,
            which,
            "goes into files of its own" if self._open_lens else "is left out",
        )
        if self._open_lens is None:
            return None
        return MediaPipeline(
            self._open_lens(number), audio=False, label=f"{self._label}, lens {number}"
        )

    def _list_further(self) -> list["MediaPipeline"]:
        return [lens for lens in self._further.values() if lens]

    def _feed_video(self, media: MediaReceived, arrival_s: float) -> bool:
        frame_ms = 1000 / media.fps if 0 < media.fps <= MAX_FPS else DEFAULT_FRAME_MS
        unit = classify_access_unit(media.payload, CODEC_HINTS.get(media.frame_type))
        if unit is None:
            self._drop_picture(media.frame_type)
            return False
        if unit.parameter_sets or self._turns.is_on:
            lens = self._turns.find(unit, arrival_s)
            if lens != 0:
                return self._feed_turn(lens, media, arrival_s)
        pts_ms = self._timeline.map(Track.VIDEO, media.timestamp_ms, arrival_s, frame_ms)
        gated = self._gate.admit(unit)
        if gated is None:
            self._unusable_frames += self._has_begun and unit.has_picture
            return False
        self._write_video(gated, pts_ms, math.ceil(pts_ms + frame_ms))
        return True

    def _drop_picture(self, frame_type: int) -> None:
        self._unusable_frames += 1
        is_all = not self.video_frames and self._unusable_frames >= MPEG4_PATIENCE
        if is_all and frame_type in MPEG4_TYPES:
            raise UnsupportedMedia(
                f"the camera sends MPEG-4 (frame type {frame_type}), which cannot be recorded"
            )

    def _write_video(self, unit: GatedUnit, pts_ms: int, end_ms: int) -> None:
        if unit.is_keyframe:
            self._has_begun = True
            self._file.prepare(unit.new_format, self._sound.format if self._sound else None)
        self.video_frames += 1
        if self._first_pts_ms is None:
            self._first_pts_ms = pts_ms
        self._file.write(Packet(Track.VIDEO, unit.data, pts_ms, unit.is_keyframe))
        self._is_damaged = False
        self.duration_s = (end_ms - self._first_pts_ms) / 1000

    def _feed_audio(self, sound: SoundTrack, media: MediaReceived, arrival_s: float) -> bool:
        if not self._gate.is_open:
            self._foreign_audio += self._has_begun
            return False
        packets = sound.decode(media, arrival_s)
        if not packets:
            return False
        if not self._file.takes_audio(sound.format):
            self._foreign_audio += 1
            return False
        self.audio_packets += len(packets)
        for packet in packets:
            self._file.write(packet)
        return True

    def _leave_out(self, frame_type: int) -> bool:
        self._foreign_audio += 1
        if frame_type not in self._unknown_types and len(self._unknown_types) < MAX_TOLD_TYPES:
            self._unknown_types.add(frame_type)
            log.warning(
                "%s: the camera sends frames of the unknown type %d, by the look of it sound: "
                "they are left out",
                self._label,
                frame_type,
            )
        return False
