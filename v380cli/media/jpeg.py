"""JPEG files as pictures of a stream (ITU-T T.81, annex B)."""

START_OF_IMAGE = b"\xff\xd8"
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15
_START_OF_SCAN = 0xDA
_MAX_SEGMENTS = 64  # a picture of a camera has about ten


def find_frame_header(data: bytes) -> bytes:
    """The frame header without its marker: size, precision, components; nothing if not a JPEG."""
    if not data.startswith(START_OF_IMAGE):
        return b""
    offset = len(START_OF_IMAGE)
    for _ in range(_MAX_SEGMENTS):
        marker, size = data[offset : offset + 2], int.from_bytes(data[offset + 2 : offset + 4])
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] == _START_OF_SCAN or size < 2:
            return b""
        end = offset + 2 + size
        if marker[1] in _FRAME_HEADERS:
            return data[offset + 2 : end] if end <= len(data) else b""
        offset = end
    return b""
