"""The bits of NAL units as numbers (H.264 and H.265, 7.2)."""


class Bits:
    """The fields of a NAL unit, in the words of the standards: u(n), ue(v), se(v)."""

    def __init__(self, nal: bytes) -> None:
        payload = nal.replace(b"\0\0\3", b"\0\0")  # emulation prevention (7.4.1)
        self._bits = f"{int.from_bytes(payload):0{8 * len(payload)}b}"
        self._at = 0

    @property
    def taken(self) -> str:
        return self._bits[: self._at]

    def u(self, count: int) -> int:
        start, self._at = self._at, self._at + count
        if self._at > len(self._bits):
            raise ValueError("the parameter set ends early")
        return int(self._bits[start : self._at] or "0", 2)

    def ue(self) -> int:
        """An Exp-Golomb code; se(v) is as long."""
        zeros = self._bits.index("1", self._at) - self._at
        self._at += zeros
        return self.u(zeros + 1) - 1

    def skip(self, codes: int) -> None:
        for _ in range(codes):
            self.ue()
