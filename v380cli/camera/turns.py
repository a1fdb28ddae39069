"""Two lenses whose pictures take turns under the same frame types: which picture is whose."""

from collections import deque
from collections.abc import Sequence

from v380cli.media.access_unit import AccessUnit
from v380cli.media.sequence import has_all_sets, is_same_sequence
from v380cli.media.sink import VideoFormat
from v380cli.media.slices import PictureSequence
from v380cli.wire.frame_ledger import IdSequence
from v380cli.wire.session import MediaReceived

TURNS = 4  # changes in a row between the same two formats
# A camera that changes its size by day and by night has one lens.
TURNS_WITHIN_S = 60.0
# The order of the lenses repeats: what came after these many before comes after them again.
RHYTHM_PICTURES = 4
REMEMBERED_PICTURES = 64


class LensTurns:
    """Numbers the lenses 0 and 1; off, with all pictures of lens 0, until two formats took turns.

    A keyframe is told by its parameter sets. Another picture is told by the parameter set that it
    goes by, where the lenses have different ones, and else by its number, which continues that of
    one lens; where it continues both, by the rhythm in which the lenses take turns. After lost
    frames nothing continues until keyframes come.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._formats: deque[tuple[VideoFormat, float]] = deque(maxlen=TURNS)  # and since when
        self._lenses: Sequence[PictureSequence] = ()
        self._keyframe_lens = 0  # that of the latest parameter sets
        self._order = ""  # the lenses of the pictures before
        self._ids, self._video_ids = IdSequence(), IdSequence()
        self._is_broken = False  # whether frames are missing since the last picture

    def note(self, media: MediaReceived) -> None:
        """Look for missing frames: to be told of every frame while `is_on`.

        Whether a camera numbers its pictures alone or together with the sound is not known.
        """
        self._is_broken |= self._ids.advance(media.frame_id) not in (0, None)
        if media.kind == "video" and self._video_ids.advance(media.frame_id) == 0:
            self._is_broken = False

    def lose_link(self) -> None:
        """Nothing continues what was before."""
        self._lose()
        self._ids, self._video_ids = IdSequence(), IdSequence()
        if not self.is_on:
            self._formats.clear()  # a camera may begin each link with another format than it ended

    def find(self, unit: AccessUnit, arrival_s: float) -> int | None:
        """The number of a picture's lens; None for one that cannot be told."""
        if unit.parameter_sets:
            video = VideoFormat(unit.codec, unit.parameter_sets)
            if has_all_sets(video):
                self._keyframe_lens = self._find_format(video, arrival_s)
        if not self.is_on:
            return 0
        is_broken, self._is_broken = self._is_broken, False
        if is_broken:
            self._lose()
        is_free = unit.is_keyframe or not unit.has_picture
        lens = self._keyframe_lens if is_free else self._find_by_slice(unit)
        if lens is not None:
            self._lenses[lens].follow(unit)
            self._order = f"{self._order}{lens}"[-REMEMBERED_PICTURES:]
        return lens

    def _find_format(self, video: VideoFormat, arrival_s: float) -> int:
        for lens, sequence in enumerate(self._lenses):
            if is_same_sequence(sequence.format, video):
                return lens
        if self._lenses:  # neither: one of them has changed, and it is seen anew which is which
            self.is_on, self._lenses = False, ()
            self._formats.clear()
        if not self._formats or not is_same_sequence(self._formats[-1][0], video):
            self._formats.append((video, arrival_s))
        return self._begin_turns(arrival_s)

    def _begin_turns(self, arrival_s: float) -> int:
        if len(self._formats) < TURNS or arrival_s - self._formats[0][1] > TURNS_WITHIN_S:
            return 0
        older, old, former, new = (video for video, _ in self._formats)
        if not (is_same_sequence(older, former) and is_same_sequence(old, new)):
            return 0
        self.is_on = True
        self._lenses = PictureSequence(former), PictureSequence(new)
        return 1

    def _find_by_slice(self, unit: AccessUnit) -> int | None:
        takers = [lens for lens in (0, 1) if self._lenses[lens].takes(unit)]
        if len(takers) == 1:
            return takers[0]
        known = [lens for lens in takers if self._lenses[lens].is_known]
        fitting = [lens for lens in known if self._lenses[lens].is_next(unit)]
        lens = self._choose(known, fitting)
        if lens is None:
            self._lose()
        return lens

    def _choose(self, known: list[int], fitting: list[int]) -> int | None:
        """Which of two lenses has the picture, of those whose numbers are known and those it fits.

        It may fit by chance, so it has to be told which lens it does not fit.
        """
        if len(known) == 2 and len(fitting) == 1:
            return fitting[0]
        if len(known) == 1 and not fitting:
            return 1 - known[0]
        turn = self._find_turn()
        return turn if turn in fitting else None

    def _find_turn(self) -> int | None:
        """Whose picture comes next by the rhythm; where there is none yet, the other lens's."""
        latest = self._order[-RHYTHM_PICTURES:]
        followers = {
            follower
            for follower in "01"
            if f"{latest}{follower}" in self._order  # nothing follows the latest ones themselves
        }
        if len(followers) == 1:
            return int(followers.pop())
        is_change = not followers and latest[-2:] in ("01", "10")
        return 1 - int(latest[-1]) if is_change else None

    def _lose(self) -> None:
        """Which picture comes next is not known any more."""
        self._order = ""
        for sequence in self._lenses:
            sequence.lose()
