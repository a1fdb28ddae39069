"""Media out of the packets of a track: whole pictures at once are those of packet by packet."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from v380cli.camera.rtsp_dialogue import OpenTrack
from v380cli.camera.rtsp_track import RtspTrack
from v380cli.media.rtp_payload import FRAGMENT_LEAD_BYTES
from v380cli.media.sdp_reader import Encoding, TrackDescription
from v380cli.wire.rtp import Frame, encode_frame
from v380cli.wire.rtp_runs import PacketRun
from v380cli.wire.rtsp.response import ResponseParser
from v380cli.wire.session import MediaReceived

CLOCK_HZ = 90_000
LEADS = {  # the first, one in the middle and the last of a NAL unit in fragments, and a whole one
    Encoding.H264: (b"\x7c\x85", b"\x7c\x05", b"\x7c\x45", b"\x41a"),
    Encoding.HEVC: (b"\x62\x01\x93", b"\x62\x01\x13", b"\x62\x01\x53", b"\x02\x01a"),
}


def make_track(
    encoding: Encoding, *, rtp_time: int | None = None, present_ms: int = 0
) -> RtspTrack:
    clock_hz = CLOCK_HZ if encoding in LEADS else 8000
    description = TrackDescription(encoding=encoding, payload_type=96, clock_hz=clock_hz)
    track = OpenTrack(description, 0, rtp_time)
    return RtspTrack(track, lambda: present_ms, may_overtake=False)


def make_packet(sequence: int, rtp_time: int, payload: bytes, *, is_marked: bool = False) -> bytes:
    kind = 96 | is_marked << 7
    return struct.pack(">BBHII", 0x80, kind, sequence % 65536, rtp_time, 0xCAFE) + payload


def take_all(
    encoding: Encoding, stream: bytes, *, in_rows: bool
) -> tuple[list[MediaReceived], int]:
    parser, track, media = ResponseParser(), make_track(encoding), list[MediaReceived]()
    if in_rows:
        parser.lead_bytes[0] = FRAGMENT_LEAD_BYTES[encoding]
    parser.receive_data(stream)
    while (item := parser.next_item()) is not None:
        assert isinstance(item, Frame | PacketRun)
        media += track.take(item)
    return media, track.dropped_frames


@given(st.data(), st.sampled_from(list(LEADS)))
def test_pictures_in_rows_are_those_of_packet_by_packet(
    data: st.DataObject, encoding: Encoding
) -> None:
    """Whole pictures, and any other row of packets, with some lost, some twice, some odd."""
    begin, go_on, end, _ = LEADS[encoding]
    usual = st.integers(2, 9).map(lambda count: [begin, *[go_on] * count, end])
    odd = st.lists(st.sampled_from(LEADS[encoding]), min_size=1, max_size=6)
    stream, sequence = b"", 65_500
    for number, leads in enumerate(data.draw(st.lists(usual | usual | odd, max_size=8))):
        for index, lead in enumerate(leads):
            sequence += data.draw(st.sampled_from([1] * 30 + [0, 2]))
            is_marked = index == len(leads) - 1 and data.draw(st.booleans() | st.just(True))
            payload = lead + bytes([number, index]) * (4 if lead != end else 2)
            packet = make_packet(sequence, number * 6000, payload, is_marked=is_marked)
            stream += encode_frame(0, packet)
    assert take_all(encoding, stream, in_rows=True) == take_all(encoding, stream, in_rows=False)


def test_a_picture_in_one_row_needs_no_packet_of_its_own() -> None:
    begin, go_on, end, _ = LEADS[Encoding.H264]
    leads = [begin, *[go_on] * 8, end]
    packets = [make_packet(n, 0, lead + bytes([n]) * 6) for n, lead in enumerate(leads[:-1])]
    packets.append(make_packet(9, 0, end + b"end", is_marked=True))
    media, dropped = take_all(
        Encoding.H264, b"".join(encode_frame(0, packet) for packet in packets), in_rows=True
    )
    body = b"".join(bytes([n]) * 6 for n in range(9)) + b"end"
    assert [one.payload for one in media] == [b"\0\0\0\1\x65" + body]
    assert dropped == 0


def test_a_track_begins_where_the_server_says() -> None:
    track = make_track(Encoding.ALAW, rtp_time=8000, present_ms=500)
    (media,) = track.take(Frame(0, make_packet(1, 16_000, b"sound")))
    assert media.timestamp_ms == 1000


def test_a_track_of_which_nothing_is_said_begins_at_the_present_of_the_others() -> None:
    for told in (None, 8000 * 3600):  # an hour off is not believed
        track = make_track(Encoding.ALAW, rtp_time=told, present_ms=500)
        first, second = (
            track.take(Frame(0, make_packet(n, 16_000 + n * 800, b"sound")))[0] for n in (1, 2)
        )
        assert (first.timestamp_ms, second.timestamp_ms) == (500, 600)
        assert track.reached_ms == 600
