"""QR codes for people and printers. The only owner of qrcode."""

import html
from io import BytesIO

from v380cli.errors import InvalidInput

QUIET_MODULES = 4  # the margin that ISO/IEC 18004 asks for; without it readers see no code
PNG_MODULE_PIXELS = 10
PNG_TEXT_PIXELS = 28
SVG_MODULE_UNITS = 10
SVG_TEXT_UNITS = 28

# Black on white, whatever the terminal's own colours: 256-colour codes, since "white" among the
# first eight is grey on most terminals.
BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"
RESET = "\x1b[0m"
HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def make_matrix(payload: str) -> list[list[bool]]:
    """The modules of a QR code by row, True for dark, quiet zone included."""
    import qrcode

    code = qrcode.QRCode(border=QUIET_MODULES, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(payload)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def format_terminal(payload: str, *, colour: bool) -> str:
    """The code in half blocks, two rows of modules a line; dark is ink.

    Without `colour` it is dark on whatever the paper is, fit for a printer and not for a dark
    terminal.
    """
    matrix = make_matrix(payload)
    if len(matrix) % 2:
        matrix.append([False] * len(matrix[0]))
    lines = (
        "".join(HALF_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(matrix[::2], matrix[1::2], strict=True)
    )
    if colour:
        return "\n".join(f"{BLACK_ON_WHITE}{line}{RESET}" for line in lines)
    return "\n".join(lines)


def encode_as(suffix: str, payload: str, lines: list[str]) -> bytes:
    """The file of a code with `lines` of text below it; raises InvalidInput for another kind."""
    match suffix.lower():
        case ".png":
            return encode_png(payload, lines)
        case ".svg":
            return format_svg(payload, lines).encode()
    raise InvalidInput("a code goes into a .png or a .svg")


def encode_png(payload: str, lines: list[str]) -> bytes:
    """A PNG of the code with `lines` of text below it."""
    from PIL import Image, ImageDraw, ImageFont

    matrix = make_matrix(payload)
    side = len(matrix) * PNG_MODULE_PIXELS
    font = ImageFont.load_default(size=PNG_TEXT_PIXELS * 3 // 4)
    width = max([side, *(int(font.getlength(line)) + 2 * PNG_TEXT_PIXELS for line in lines)])
    image = Image.new("L", (width, side + PNG_TEXT_PIXELS * (len(lines) + 1)), "white")
    draw = ImageDraw.Draw(image)
    left = (width - side) // 2
    for column, row in _list_dark(matrix):
        x, y = left + column * PNG_MODULE_PIXELS, row * PNG_MODULE_PIXELS
        draw.rectangle((x, y, x + PNG_MODULE_PIXELS - 1, y + PNG_MODULE_PIXELS - 1), fill="black")
    for number, line in enumerate(lines):
        place = (width // 2, side + number * PNG_TEXT_PIXELS)
        draw.text(place, line, font=font, fill="black", anchor="ma")
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def format_svg(payload: str, lines: list[str]) -> str:
    """An SVG of the code with `lines` of text below it."""
    matrix = make_matrix(payload)
    side = len(matrix) * SVG_MODULE_UNITS
    height = side + SVG_TEXT_UNITS * (len(lines) + 1)
    unit = SVG_MODULE_UNITS
    path = "".join(
        f"M{column * unit} {row * unit}h{unit}v{unit}h-{unit}z"
        for column, row in _list_dark(matrix)
    )
    texts = "".join(
        f'<text x="{side // 2}" y="{side + SVG_TEXT_UNITS * (number + 1)}" text-anchor="middle" '
        f'font-family="sans-serif" font-size="{SVG_TEXT_UNITS * 3 // 4}">{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {height}">'
        f'<rect width="{side}" height="{height}" fill="white"/><path d="{path}"/>{texts}</svg>\n'
    )


def _list_dark(matrix: list[list[bool]]) -> list[tuple[int, int]]:
    """Column and row of each dark module."""
    return [
        (column, row)
        for row, modules in enumerate(matrix)
        for column, dark in enumerate(modules)
        if dark
    ]
