"""Where a recording goes: never outside the folder that the user named, never over another file."""

import datetime as dt
import os
import string
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from v380cli.errors import InvalidInput, StorageError
from v380cli.text import format_slug

PART_SUFFIX = ".part"
DEFAULT_TEMPLATE = "{name}-{start}"
FIELDS = ("name", "id", "date", "time", "start", "type")


def plan_path(
    output: str | Path | None,
    label: str,
    start: dt.datetime,
    ending: str,
    device_id: int = 0,
    kind: str = "",
) -> Path:
    """Return the file for a recording that starts now, and create its folder.

    As `name_file`; StorageError for a folder that cannot be made.
    """
    path = name_file(output, label, start, ending, device_id, kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as error:
        message = f"cannot create the folder {path.parent}: {error.strerror or error}"
        raise StorageError(message) from error
    return path


def name_file(
    output: str | Path | None,
    label: str,
    start: dt.datetime,
    ending: str,
    device_id: int = 0,
    kind: str = "",
) -> Path:
    """Return the file for a recording that starts then.

    `output` is nothing (the current folder), a folder (it exists or ends in a slash), a file, or a
    template of either with {name}, {id}, {date}, {time}, {start} and, of what has a `kind`, {type}.
    Only a text can end in a slash. InvalidInput for an unknown field.
    """
    values = {
        "name": format_slug(label),
        "id": str(device_id),
        "date": f"{start:%Y%m%d}",
        "time": f"{start:%H%M%S}",
        "start": f"{start:%Y%m%d-%H%M%S}",
    }
    if kind:
        values["type"] = kind
    default_name = f"{_expand(DEFAULT_TEMPLATE, values)}.{ending}"
    if output is None:
        return Path(default_name)
    template = os.fspath(output)
    path = Path(_expand(template, values))
    if template.endswith("/") or is_folder(path):
        path /= default_name
    elif not Path(template).suffix:  # of the template, since a name may have a dot
        path = path.with_name(f"{path.name}.{ending}")
    return path


def check_template(output: str | Path, kind: str = "") -> None:
    """Raise InvalidInput for an output that `name_file` would not take."""
    name_file(output, "", dt.datetime.min, "", kind=kind)


def escape_braces(folder: Path) -> str:
    """A folder as the beginning of a template, which leaves it as it is."""
    return str(folder).replace("{", "{{").replace("}", "}}")


def advise_apart(output: str | Path | None) -> str:
    """How the files of several cameras are kept apart where this output does not do it."""
    if output is None or is_folder(output) or "{name}" in str(output):
        return "their names make one file name: put {id} into the output"
    return "name a folder, or put {name} or {id} into the output"


def is_folder(output: str | Path) -> bool:
    """Whether files go into it: it exists, or is a text that ends in a slash."""
    if str(output).endswith("/"):
        return True
    return os.path.isdir(output)  # noqa: PTH112 - a Path's fails for a name too long


def list_alternatives(path: Path) -> Iterator[Path]:
    """Yield the path, then the path with -2, -3 ... before its suffix."""
    yield path
    for number in count(2):
        yield path.with_stem(f"{path.stem}-{number}")


def part_path(path: Path) -> Path:
    """The name of a file while it is written."""
    return path.with_name(path.name + PART_SUFFIX)


def _expand(template: str, values: dict[str, str]) -> str:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise InvalidInput(f"the output {template!r} has unmatched braces: {error}") from error
    return "".join(
        literal + ("" if field is None else _look_up(f"{field}:{form}" if form else field, values))
        for literal, field, form, _ in parts
    )


def _look_up(field: str, values: dict[str, str]) -> str:
    if field not in values:
        known = ", ".join(f"{{{name}}}" for name in values)
        raise InvalidInput(f"the output has no field {{{field}}}", hint=f"fields are {known}")
    return values[field]
