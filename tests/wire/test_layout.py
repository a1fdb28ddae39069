"""What a message's fields are made of."""

from v380cli.wire.layout import text


def test_fields_at_one_place_keep_codecs_of_their_own() -> None:
    """`typing` takes equal notes for the same, whichever class they stand in."""
    utf8, gbk = text(32), text(32, "gbk")
    assert utf8.at(4) != gbk.at(4)
    assert hash(utf8) != hash(gbk)
