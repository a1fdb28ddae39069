"""Which lens of a camera a picture is from: further lenses have frame types of their own."""

from v380cli.wire.commands import FrameType

# Types that go together; what is not here is the usual kind.
_GROUPS: dict[int, str] = {
    FrameType.H264_KEY_TIMED: "50 and 51",
    FrameType.H264_DELTA_TIMED: "50 and 51",
    FrameType.HEVC_KEY_TIMED: "52 and 53",
    FrameType.HEVC_DELTA_TIMED: "52 and 53",
}
_USUAL = "0 and 1"
_KEY_TYPES = frozenset(
    {
        FrameType.H264_KEY,
        FrameType.HEVC_KEY,
        FrameType.H264_KEY_TIMED,
        FrameType.HEVC_KEY_TIMED,
    }
)


class LensSorter:
    """Numbers the lenses of a stream; the first one is that of its first picture.

    A camera of one lens may send 50 to 53 as well, even keyframes as 50 and the rest as 1. So
    other types are another lens only beside a stream that is whole without them.
    """

    def __init__(self) -> None:
        self.first_types: set[int] = set()  # those known to be of the first lens
        self._groups: list[str] = []  # by lens

    def find(self, frame_type: int) -> int:
        """The number of the lens: 1 for the first, and then 2 and 3 as they come."""
        group = _GROUPS.get(frame_type, _USUAL)
        if group not in self._groups:
            if self._groups and not self._is_whole_without(frame_type):
                self.first_types.add(frame_type)
                return 1
            self._groups.append(group)
        number = self._groups.index(group) + 1
        if number == 1:
            self.first_types.add(frame_type)
        return number

    def add(self) -> int:
        """The number of one more lens, which is not known by its frame types."""
        self._groups.append("")
        return len(self._groups)

    def _is_whole_without(self, frame_type: int) -> bool:
        """Whether the first lens has pictures of that kind, keyframes or others, already."""
        is_key = frame_type in _KEY_TYPES
        return any((kind in _KEY_TYPES) is is_key for kind in self.first_types)
