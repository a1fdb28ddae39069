"""QR codes: what a label shows, a reader reads, and `devices add --qr` takes."""

import re
import struct
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import typer

from tests.golden.recorded import load_recorded
from v380cli.app import app
from v380cli.commands import _boundary, _console
from v380cli.errors import MediaError, StorageError, UsageError
from v380cli.models import Device
from v380cli.store.database import DeviceRecord, open_device_list
from v380cli.work import qr
from v380cli.work.sticker import parse_sticker, read_sticker

DEVICE_ID = 12345678
NAME = "Hof <&> 'Ü'"
CELL = 8  # pixels of half a character cell

Picture = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _yard() -> None:
    with open_device_list() as devices:
        devices.add(DeviceRecord(device=Device(name=NAME, device_id=DEVICE_ID)))
        devices.add(DeviceRecord(device=Device(name="no id", host="h")))


def run(*args: str) -> int:
    return _boundary.run(typer.main.get_command(app), ["devices", *args])


def read_code(picture: Picture) -> str:
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return str(text)


def draw_terminal(text: str, paper: int, ink: int) -> Picture:
    """What a terminal of these colours shows: black-on-white codes where the text sets them."""
    rows = []
    for line in text.splitlines():
        if line.startswith(qr.BLACK_ON_WHITE):
            line_paper, line_ink = 255, 0
        else:
            line_paper, line_ink = paper, ink
        cells = re.sub(r"\x1b\[[0-9;]*m", "", line)
        upper = [line_ink if cell in "▀█" else line_paper for cell in cells]
        lower = [line_ink if cell in "▄█" else line_paper for cell in cells]
        rows += [upper, lower]
    return np.array(rows, np.uint8).repeat(CELL, axis=0).repeat(CELL, axis=1)


@pytest.mark.parametrize(("paper", "ink"), [(0, 200), (255, 0)], ids=["dark", "light"])
@pytest.mark.parametrize("payload", ["1", str(DEVICE_ID), str(2**31 - 1)])
def test_a_coloured_code_reads_on_any_terminal(payload: str, paper: int, ink: int) -> None:
    text = qr.format_terminal(payload, colour=True)
    assert read_code(draw_terminal(text, paper, ink)) == payload


def test_a_plain_code_reads_on_paper(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("label", str(DEVICE_ID)) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    *code, name, device_id = out.splitlines()
    assert (name, device_id) == (NAME, f"ID {DEVICE_ID}")
    assert read_code(draw_terminal("\n".join(code), paper=255, ink=0)) == str(DEVICE_ID)


def test_a_terminal_gets_colours_even_without_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(_console, "is_terminal", lambda: True)
    assert run("label", str(DEVICE_ID)) == 0
    *code, _, _ = capsys.readouterr().out.splitlines()
    assert read_code(draw_terminal("\n".join(code), paper=0, ink=200)) == str(DEVICE_ID)


def test_a_png_goes_back_in_as_a_sticker(tmp_path: Path) -> None:
    file = tmp_path / "label.png"
    assert run("label", NAME, "-o", str(file)) == 0
    assert run("add", "again", "--qr", str(file), "--no-check") == 0
    with open_device_list() as devices:
        assert len(devices.find_by_id(DEVICE_ID)) == 2
    assert run("add", "other", "--qr", str(file), "--id", "7") == 2


def test_a_long_name_fits_on_the_png() -> None:
    wide = cv2.imdecode(np.frombuffer(qr.encode_png("1", ["W" * 64]), np.uint8), 0)
    assert wide is not None
    edges = np.concatenate([wide[:, :10].ravel(), wide[:, -10:].ravel()])
    assert edges.min() == 255
    assert read_code(wide.astype(np.uint8)) == "1"


def test_an_svg_has_the_modules_and_the_text() -> None:
    root = ElementTree.fromstring(qr.format_svg(str(DEVICE_ID), [NAME, "ID"]))
    space = "{http://www.w3.org/2000/svg}"
    assert [text.text for text in root.findall(f"{space}text")] == [NAME, "ID"]
    path = root.find(f"{space}path")
    assert path is not None
    matrix = np.array(qr.make_matrix(str(DEVICE_ID)))
    picture = np.full((len(matrix) * 10, len(matrix) * 10), 255, np.uint8)
    for x, y in re.findall(r"M(\d+) (\d+)h10v10h-10z", path.attrib["d"]):
        picture[int(y) : int(y) + 10, int(x) : int(x) + 10] = 0
    assert read_code(picture) == str(DEVICE_ID)


@pytest.mark.parametrize(
    "args", [("no id",), (NAME, "-o", "label.gif")], ids=["no id", "no format"]
)
def test_no_label(args: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("label", *args) == 2
    assert not (tmp_path / "label.gif").exists()


def make_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    crc = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + crc


class TestSticker:
    """Pictures that people bring."""

    @pytest.mark.parametrize(
        ("text", "device_id"),
        [
            ("12345678", 12345678),
            (" 7\n", 7),
            ("http://example.org/dl?id=23456789&v=2", 23456789),
            ("V380:23456789,23456789", 23456789),
        ],
    )
    def test_what_a_code_says(self, text: str, device_id: int) -> None:
        assert parse_sticker(text) == device_id

    def test_a_real_sticker(self) -> None:
        sticker = load_recorded("sticker-qr")
        assert parse_sticker(sticker["text"]) == sticker["device_id"]

    @pytest.mark.parametrize(
        "text",
        [
            "V380^",
            "V380^x^23456789",
            "",
            "0",
            "no number",
            "id 12345",
            "12345678 23456789",
            "2147483648",
            "9" * 5000,
        ],
    )
    def test_a_code_without_one_id(self, text: str) -> None:
        with pytest.raises(UsageError):
            parse_sticker(text)

    def test_a_photograph(self, tmp_path: Path) -> None:
        code = cv2.imdecode(np.frombuffer(qr.encode_png(str(DEVICE_ID), []), np.uint8), 0)
        assert code is not None
        photo = np.full((900, 1200), 90, np.uint8)
        photo[200 : 200 + code.shape[0], 300 : 300 + code.shape[1]] = code // 2 + 60
        turn = cv2.getRotationMatrix2D((600, 450), 12, 1.4)
        turned = cv2.GaussianBlur(cv2.warpAffine(photo, turn, (1200, 900)), (5, 5), 0)
        file = tmp_path / "photo.jpg"
        file.write_bytes(cv2.imencode(".jpg", turned)[1].tobytes())
        assert read_sticker(file) == DEVICE_ID

    @pytest.mark.parametrize(
        "content",
        [b"", b"no picture", cv2.imencode(".png", np.full((99, 99), 255, np.uint8))[1].tobytes()],
        ids=["empty", "garbage", "blank"],
    )
    def test_a_file_without_a_code(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "x.png").write_bytes(content)
        with pytest.raises(MediaError):
            read_sticker(tmp_path / "x.png")

    def test_a_small_file_that_would_fill_the_memory(self, tmp_path: Path) -> None:
        header = struct.pack(">IIBBBBB", 32000, 32000, 8, 0, 0, 0, 0)
        chunks = make_chunk(b"IHDR", header) + make_chunk(b"IDAT", zlib.compress(bytes(9999)))
        (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
        with pytest.raises(MediaError, match="pixels"):
            read_sticker(tmp_path / "x.png")

    def test_a_large_photograph_is_made_smaller(self, tmp_path: Path) -> None:
        code = cv2.imdecode(np.frombuffer(qr.encode_png(str(DEVICE_ID), []), np.uint8), 0)
        assert code is not None
        photo = np.full((6000, 8000), 90, np.uint8)
        large = cv2.resize(code, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
        photo[1000 : 1000 + large.shape[0], 2000 : 2000 + large.shape[1]] = large // 2 + 60
        (tmp_path / "x.jpg").write_bytes(cv2.imencode(".jpg", photo)[1].tobytes())
        assert read_sticker(tmp_path / "x.jpg") == DEVICE_ID

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError):
            read_sticker(tmp_path / "x.png")

    def test_a_missing_system_library_is_told_with_its_package(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "x.png").write_bytes(b"x")
        monkeypatch.setitem(sys.modules, "cv2", None)
        with pytest.raises(MediaError) as caught:
            read_sticker(tmp_path / "x.png")
        assert "libgl1 libglib2.0-0" in caught.value.hint
