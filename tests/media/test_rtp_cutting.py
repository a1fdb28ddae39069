"""Pictures and sound are cut into payloads that fit, and come together as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from v380cli.media.nal import START_CODE
from v380cli.media.rtp_cutting import cut_aac, cut_picture
from v380cli.media.rtp_payload import open_assembler
from v380cli.media.sdp_reader import Encoding, TrackDescription
from v380cli.media.sink import Codec

SLICES = {Codec.H264: (Encoding.H264, b"\x41"), Codec.HEVC: (Encoding.HEVC, b"\x02\x01")}


def test_h264_is_cut_as_rfc_6184_says() -> None:
    """Section 5.8: FU-A with its start and its end told; what fits goes as it is (5.6)."""
    picture = START_CODE + b"\x67sps" + START_CODE[1:] + b"\x65" + bytes(range(1, 12))
    payloads = cut_picture(Codec.H264, picture, 6)
    assert [payload.hex() for payload in payloads] == [
        "67737073",
        "7c8501020304",
        "7c0505060708",
        "7c45090a0b",
    ]


def test_hevc_is_cut_as_rfc_7798_says() -> None:
    """Section 4.4.3: FU behind a payload header of type 49."""
    picture = START_CODE + b"\x26\x01" + bytes(range(1, 9))
    payloads = cut_picture(Codec.HEVC, picture, 6)
    assert [payload.hex() for payload in payloads] == ["620193010203", "620113040506", "6201530708"]


@given(st.data(), st.sampled_from(list(SLICES)), st.integers(5, 40))
def test_pictures_come_together_as_they_were(
    data: st.DataObject, codec: Codec, max_bytes: int
) -> None:
    encoding, header = SLICES[codec]
    bodies = data.draw(st.lists(st.binary(max_size=100), min_size=1, max_size=4))
    nals = [header + body.replace(b"\0", b"\1") for body in bodies]
    picture = b"".join(START_CODE + nal for nal in nals)
    payloads = cut_picture(codec, picture, max_bytes)
    assert all(len(payload) <= max_bytes for payload in payloads)
    assembler = open_assembler(
        TrackDescription(encoding=encoding, payload_type=96, clock_hz=90_000)
    )
    units = [
        unit
        for left, payload in zip(range(len(payloads))[::-1], payloads, strict=True)
        for unit in assembler.take(payload, 1, is_marked=not left, lost=0)
    ]
    assert [unit.data for unit in units] == [picture]


@pytest.mark.parametrize(
    ("unit", "payloads"),
    [
        (b"abc", ["00100018" + "616263"]),
        (b"abcdef", ["00100030" + "61626364", "00100030" + "6566"]),
        (b"", []),
    ],
    ids=["whole", "in two", "nothing"],
)
def test_aac_is_cut_as_rfc_3640_says(unit: bytes, payloads: list[str]) -> None:
    """Section 3.3.6: 16 bits of headers, each 13 bits of a size and 3 of an index."""
    assert [payload.hex() for payload in cut_aac(unit, 8)] == payloads
