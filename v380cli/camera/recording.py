"""How a recording went."""

from dataclasses import dataclass

from v380cli.errors import V380Error
from v380cli.models import Device, Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is known of one at its end; `error` is what ended it before its time.

    Of more gaps than a list can hold these are the last; `longest_gap` is that of all.
    """

    device: Device
    gaps: tuple[Gap, ...]
    gaps_left_out: int
    longest_gap: Gap | None
    reconnects: int
    dropped_frames: int
    unusable_audio: int
    bytes_received: int
    encryption: str
    error: V380Error | None
    via: str = ""  # the road of the last link; empty if there was none
