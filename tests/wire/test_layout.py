"""What a message's fields are made of."""

from v380cli.wire.layout import text


def test_fields_at_one_place_keep_codecs_of_their_own() -> None:
    """`typing` takes equal notes for the same, whichever class they stand in."""
    utf8, gbk = text(32), text(32, "gbk")
    assert utf8.at(4) != gbk.at(4)
    assert hash(utf8) != hash(gbk)


def test_what_was_no_text_goes_back_in_the_room_that_it_had() -> None:
    field = text(32)
    assert field.pack(field.unpack(b"\xff" * 32)) == b"?" * 32
