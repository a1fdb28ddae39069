"""The table from numbers to layouts, and the section of PROTOCOL.md that is made from it."""

import re
from collections.abc import Iterator
from pathlib import Path

import v380cli.wire
from tests.wire.test_every_message import MESSAGES
from v380cli.wire.discovery import NvrAnswer
from v380cli.wire.layout import Codec, Message, list_places
from v380cli.wire.registry import FROM_CAMERA, FROM_CLIENT, BareNumber, Entry, find_entry
from v380cli.wire.settings.exchange import GetReply, LegacyGetReply, LegacySettingRequest

PROTOCOL = Path(v380cli.wire.__file__).with_name("PROTOCOL.md")
BEGIN, END = "<!-- made by tests/wire/test_registry.py -->\n", "<!-- end -->\n"
# Parts of messages, heads of families, and what goes over UDP.
NOT_BY_NUMBER = {
    *("Abilities", "Control", "FileEntry", "FrameHeader"),
    *(kind.__name__ for kind in (GetReply, LegacyGetReply, LegacySettingRequest, NvrAnswer)),
}


def list_rows() -> Iterator[str]:
    for sender, table in (("client", FROM_CLIENT), ("camera", FROM_CAMERA)):
        for number, entry in sorted(table.items()):
            yield format_row(sender, int(number), entry)


def format_row(sender: str, number: int, entry: Entry) -> str:
    sizes = ", ".join(map(str, entry.sizes))
    places = [
        f"[{place.offset}] {format_codec(place.codec)} {name}"
        for name, place in list_places(entry.layout)
        if name != "command"
    ]
    return f"| {number} | {sender} | {sizes} | {', '.join(places) or '-'} |\n"


def format_codec(codec: Codec[object]) -> str:
    codec = getattr(codec, "_codec", codec)  # of one with names for its numbers
    if form := getattr(codec, "_struct", None):
        sign = "i" if form.format.islower() else "u"
        return f"{sign}{8 * codec.size}"
    return f"{type(codec).__name__.lower()} {codec.size}"


def make_section() -> str:
    head = "| Number | From | Bytes | Fields |\n|---|---|---|---|\n"
    return BEGIN + "\n" + head + "".join(list_rows()) + "\n" + END


def rewrite_protocol() -> str:
    text = PROTOCOL.read_text(encoding="utf-8")
    return re.sub(
        re.escape(BEGIN) + ".*" + re.escape(END), lambda _: make_section(), text, flags=re.S
    )


def test_protocol_md_has_the_layouts_as_they_are() -> None:
    """To bring it up to date: python -m tests.wire.test_registry."""
    assert BEGIN in PROTOCOL.read_text(encoding="utf-8")
    assert rewrite_protocol() == PROTOCOL.read_text(encoding="utf-8")


def test_every_message_has_a_number_in_the_table() -> None:
    layouts: set[type[Message]] = {
        entry.layout for table in (FROM_CLIENT, FROM_CAMERA) for entry in table.values()
    }
    missing = {m.__name__ for m in MESSAGES} - {layout.__name__ for layout in layouts}
    assert missing == NOT_BY_NUMBER


def test_a_default_number_is_the_number_in_the_table() -> None:
    for table in (FROM_CLIENT, FROM_CAMERA):
        for number, entry in table.items():
            default = entry.layout.__dataclass_fields__["command"].default
            same = [n for n, other in table.items() if other.layout is entry.layout]
            if isinstance(default, int) and len(same) == 1:
                assert default == number


def test_numbers_are_found_by_who_sends_them() -> None:
    found = find_entry(310, from_camera=True), find_entry(310, from_camera=False)
    assert found[0] and found[0].layout is BareNumber
    assert found[1] and found[1].layout is not BareNumber
    assert find_entry(5005, from_camera=False) is None


if __name__ == "__main__":
    PROTOCOL.write_text(rewrite_protocol(), encoding="utf-8")
