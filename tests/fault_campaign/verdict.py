"""What came of a run: its recordings held against the journal of its camera."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tests.fault_campaign.damage import HARMLESS
from tests.fault_campaign.journal import Journal, Sent
from tests.fault_campaign.plan import SILENCE_S

ROUNDING_S = 0.001  # of each gap that is told


@dataclass(frozen=True)
class Told:
    """What the recorder said of its recording."""

    dropped_frames: int
    gaps_s: tuple[float, ...]
    error: str = ""


@dataclass
class Verdict:
    """Counts of frames, and sentences on what must not be; `faults` of a good run are none."""

    sent: int = 0
    recorded: int = 0
    damaged: int = 0  # in the file as bits flipped on the way made them
    lost: int = 0
    counted: int = 0  # as dropped, by the recorder
    needlessly: int = 0  # lost although nothing happened to them or to their neighbours
    faults: dict[str, str] = field(default_factory=dict)  # by kind


class _Track:
    """What one kind of frames became."""

    def __init__(self, sent: Iterable[Sent]) -> None:
        self.sent = list(sent)
        self._owners = {frame.units[-1]: frame for frame in self.sent if frame.units}
        self._owners_damaged = {unit: frame for frame in self.sent for unit in frame.damaged}
        # What stands before a picture, parameter sets above all, is the same for many; and what a
        # file's description has of it is read before each of its keyframes.
        self._common = {unit for frame in self.sent for unit in frame.units[:-1]}
        self._before_damaged = {unit for frame in self.sent for unit in frame.damaged[:-1]}
        self.found: list[Sent] = []  # one for each unit of its own, in the order of the files
        self.damaged: set[int] = set()
        self.foreign = 0

    def find(self, unit: bytes) -> None:
        """Take one unit of a recording."""
        if unit in self._common:
            return
        owner = self._owners.get(unit)
        if owner is None and (owner := self._owners_damaged.get(unit)):
            if unit in self._before_damaged and owner.number in self.damaged:
                return
            self.damaged.add(owner.number)
        if owner is None:
            self.foreign += 1
        elif not self.found or self.found[-1] is not owner or owner.number not in self.damaged:
            self.found.append(owner)


def judge(
    journal: Journal, pictures: Iterable[bytes], sound: Iterable[bytes] | None, told: Told
) -> Verdict:
    """Hold what was recorded against what was sent; sound of None was not looked at."""
    video = _Track(frame for frame in journal.sent if frame.is_video)
    for unit in pictures:
        video.find(unit)
    tracks = [video]
    if sound is not None:
        audio = _Track(frame for frame in journal.sent if not frame.is_video)
        for unit in sound:
            audio.find(unit)
        tracks.append(audio)
    return _weigh(journal, tracks, told)


def _weigh(journal: Journal, tracks: list[_Track], told: Told) -> Verdict:
    verdict = Verdict(counted=told.dropped_frames)
    strikes = sum(1 for frame in journal.sent if frame.strike)
    recorded = {frame.number for track in tracks for frame in track.found}
    inside = _list_inside(tracks[0])
    inside_lost = free = 0
    for track in tracks:
        missing = [frame for frame in track.sent if frame.number not in recorded]
        verdict.sent += len(track.sent)
        verdict.lost += len(missing)
        verdict.damaged += len(track.damaged)
        inside_lost += sum(frame.number in inside for frame in missing)
        free += sum(frame.number not in inside for frame in missing)
        _check_units(track, verdict)
    verdict.recorded = len(recorded)
    verdict.needlessly = _count_needless(journal, tracks, recorded, inside)
    if len(tracks) == 1:  # sound that is not compared may have been lost, too
        free += sum(not frame.is_video for frame in journal.sent)
    if told.dropped_frames < inside_lost:
        verdict.faults["untold loss"] = f"{inside_lost} lost, {told.dropped_frames} told"
    if told.dropped_frames > inside_lost + free + strikes:
        most = inside_lost + free + strikes
        verdict.faults["too many told"] = f"at most {most} lost, {told.dropped_frames} told"
    _check_gaps(journal, told, verdict)
    return verdict


def _list_inside(video: _Track) -> set[int]:
    """Frames between the first and the last recorded picture of their link.

    What was lost outside of them was lost with the link, and is told as a gap.
    """
    bounds: dict[int, tuple[int, int]] = {}
    for frame in video.found:
        first, last = bounds.get(frame.link, (frame.number, frame.number))
        bounds[frame.link] = min(first, frame.number), max(last, frame.number)
    return {number for first, last in bounds.values() for number in range(first, last)}


def _check_units(track: _Track, verdict: Verdict) -> None:
    if track.foreign:
        verdict.faults["foreign units"] = f"{track.foreign}"
    numbers = [frame.number for frame in track.found]
    if len(set(numbers)) < len(numbers):
        verdict.faults["doubled"] = f"{len(numbers) - len(set(numbers))}"
    if any(after < before for before, after in pairwise(numbers)):
        verdict.faults["out of order"] = next(_list_steps_back(numbers))


def _list_steps_back(numbers: list[int]) -> Iterator[str]:
    for before, after in pairwise(numbers):
        if after < before:
            yield f"frame {after} after {before}"


def _count_needless(
    journal: Journal, tracks: list[_Track], recorded: set[int], inside: set[int]
) -> int:
    """Frames lost inside a link although neither they nor the frames beside them were struck."""
    looked_at = {frame.number for track in tracks for frame in track.sent}
    struck = {f.number for f in journal.sent if f.strike and f.strike not in HARMLESS}
    near = {number + step for number in struck for step in (-1, 0, 1, 2)}
    return len((inside & looked_at) - recorded - near)


def _check_gaps(journal: Journal, told: Told, verdict: Verdict) -> None:
    for what in journal.unheeded:
        verdict.faults["untold silence"] = what
    # On a busy machine the recorder is seconds behind the camera: it sees no more of a silence than
    # it waits for.
    silence_s = sum(min(outage_s, SILENCE_S - ROUNDING_S) for outage_s in journal.outages_s)
    if sum(told.gaps_s) < silence_s:
        verdict.faults["gap too short"] = (
            f"{sum(journal.outages_s):.1f} s of silence, {sum(told.gaps_s):.1f} s told"
        )
