"""What came over one link, and what was lost."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class StreamCounters:
    """What a stream brought and what it lost; `records_by_magic` has all but media fragments.

    `repeated_frames` came a second time and were handed out once.
    """

    bytes_received: int = 0
    fragments: int = 0
    video_frames: int = 0
    audio_frames: int = 0
    unknown_frames: int = 0
    repeated_frames: int = 0
    dropped_frames: int = 0
    skipped_bytes: int = 0
    records_by_magic: Counter[int] = field(default_factory=Counter)
    messages_by_number: Counter[int] = field(default_factory=Counter)
