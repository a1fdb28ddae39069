"""RTP and RTCP as a server that passes it on has to know it."""

from v380cli.wire.rtp import (
    Frame,
    PacketWriter,
    TrackStart,
    encode_frame,
    encode_sender_report,
    list_starts,
    split_frames,
)

# 12 bytes of head: version 2, marker, type 96, sequence 0x1234, time 90,000, source 0xCAFE.
PACKET = bytes.fromhex("80e01234 00015f90 0000cafe") + b"payload"


def test_a_frame_has_its_channel_and_its_length_before_it() -> None:
    assert encode_frame(2, PACKET) == bytes.fromhex("24020013") + PACKET


def test_frames_come_apart_as_they_were_put_together() -> None:
    frames = [Frame(0, PACKET), Frame(3, b""), Frame(255, bytes(65535))]
    assert list(split_frames(b"".join(encode_frame(*frame) for frame in frames))) == frames


def test_a_report_is_that_of_rfc_3550() -> None:
    """Section 6.4.1: SR of 7 words, then SDES with a CNAME, a zero and padding."""
    report = encode_sender_report(0xCAFE, 1.5, (1 << 32) + 90_000, 3, 4, "name")
    assert report == bytes.fromhex(
        "80c80006 0000cafe 83aa7e81 80000000 00015f90 00000003 00000004"
        "81ca0003 0000cafe 01046e61 6d650000"
    )


def test_packets_are_numbered_and_the_last_is_marked() -> None:
    """RFC 3550, section 5.1; numbers and times wrap."""
    writer = PacketWriter(1, 97, ssrc=0xCAFE, sequence=0xFFFF)
    assert writer.encode([b"one", b"two"], (1 << 32) + 5, is_marked=True) == bytes.fromhex(
        "2402000f 8061ffff 00000005 0000cafe 6f6e65  2402000f 80e10000 00000005 0000cafe 74776f"
    )
    assert writer.encode([b"!"], 6, is_marked=False) == bytes.fromhex(
        "2402000d 80610001 00000006 0000cafe 21"
    )
    assert writer.encode([], 7, is_marked=True) == b""


def test_a_writer_reports_what_it_has_made() -> None:
    writer = PacketWriter(1, 97, ssrc=0xCAFE, sequence=0)
    writer.encode([b"one", b"two!"], 5, is_marked=True)
    report = encode_sender_report(0xCAFE, 1.5, 6, 2, 7, "name")
    assert writer.report(1.5, 6, "name") == encode_frame(3, report)


def test_where_tracks_begin_is_read_from_their_reports() -> None:
    video = encode_frame(1, encode_sender_report(1, 0.0, 90_000, 0, 0, "x"))
    sound = encode_frame(3, encode_sender_report(2, 0.0, 8000, 0, 0, "x"))
    frames = video + sound + encode_frame(0, PACKET) + encode_frame(0, PACKET[:2] + PACKET)
    assert list_starts(frames) == [TrackStart(0, 90_000, 0x1234), TrackStart(1, 8000, None)]
    assert list_starts(b"") == []
