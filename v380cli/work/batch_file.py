"""The CSV of a batch: a camera in each row."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from v380cli.errors import InvalidInput, StorageError, V380Error
from v380cli.models import Secret
from v380cli.text import advise_word, clean_text
from v380cli.wire.provisioning import WifiSettings, parse_hotspot
from v380cli.work.identity import parse_address, parse_device_id

COLUMNS = ("id", "hotspot", "address", "name", "ssid", "psk", "new_password")
OTHER_SEPARATORS = (";", "\t", "|")
FILE_MAX_BYTES = 1 << 20
MAX_ROWS = 1000  # more than anyone unpacks in a day

Check = Callable[[WifiSettings], None]  # raises InvalidInput for a network that cannot be meant


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A camera and its network; `wifi` None means the one that the command line says."""

    line: int
    device_id: int
    hotspot: str
    host: str
    port: int
    name: str
    wifi: WifiSettings | None
    new_password: Secret = field(default_factory=Secret)

    @property
    def label(self) -> str:
        return self.name or str(self.device_id or self.hotspot)

    def make_key(self, ssid: str) -> str:
        """What tells this task from others; told another network, a camera is to be done again."""
        return f"{self.device_id or self.hotspot}@{ssid}"


def read_batch(path: Path, check_network: Check) -> list[BatchRow]:
    """Read and check every row before any camera is touched; InvalidInput or StorageError."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not in UTF-8") from None
    if len(data) > FILE_MAX_BYTES:
        raise InvalidInput(f"{path} is longer than {FILE_MAX_BYTES} bytes")
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", skipinitialspace=True)
    try:
        _check_columns(path, reader.fieldnames or ())
        rows = list(_parse_rows(path, reader, check_network))
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {reader.line_num + 1}: {error}") from None
    if not 0 < len(rows) <= MAX_ROWS:
        raise InvalidInput(f"{path} has {len(rows)} cameras; 1 to {MAX_ROWS} make a batch")
    return rows


def _check_columns(path: Path, names: Sequence[str]) -> None:
    """Raise InvalidInput for names that mean nothing.

    What is found is quoted where one of the names is known: else it may be a row, with its PSK.
    """
    unknown = [name for name in names if name not in COLUMNS]
    if names and not unknown:
        return
    for separator in OTHER_SEPARATORS:
        if any(set(name.split(separator)) & set(COLUMNS) for name in unknown):
            found = f"the columns are separated by {separator!r}, and must be by ','"
            break
    else:
        advice = [advise_word(name.strip(), COLUMNS) for name in unknown]
        if len(unknown) == len(names) and not any(advice):
            found = "its first line does not name the columns"
        else:
            found = "; ".join(map(_name_unknown, unknown, advice))
    raise InvalidInput(f"{path}: {found}", hint=f"the columns are {', '.join(COLUMNS)}")


def _name_unknown(name: str, advice: str) -> str:
    return ", ".join(filter(None, [f"there is no column {clean_text(name)!r}", advice]))


def _parse_rows(
    path: Path, reader: "csv.DictReader[str]", check_network: Check
) -> Iterator[BatchRow]:
    seen: dict[int | str, int] = {}
    names: dict[str, int] = {}
    for fields in reader:
        line = reader.line_num
        try:
            row = _parse_row(line, fields, check_network)
        except V380Error as error:
            raise InvalidInput(f"{path}, line {line}: {error}") from None
        camera = row.device_id or row.hotspot
        if camera in seen:
            raise InvalidInput(f"{path}, line {line}: camera {camera} is in line {seen[camera]}")
        seen[camera] = line
        if row.name and row.name in names:
            raise InvalidInput(
                f"{path}, line {line}: the name {row.name!r} is in line {names[row.name]}"
            )
        names[row.name] = line
        yield row


def _parse_row(line: int, fields: dict[str, str], check_network: Check) -> BatchRow:
    if None in fields:
        raise InvalidInput("more fields than columns")
    values = {name: fields.get(name) or "" for name in COLUMNS}
    hotspot = values["hotspot"].strip()
    device_id = parse_device_id(values["id"]) if values["id"].strip() else 0
    device_id = device_id or parse_hotspot(hotspot)
    if not (device_id or hotspot):
        raise InvalidInput("say the id of the camera, or its hotspot")
    address = values["address"].strip()
    host, port = parse_address(address) if address else ("", None)
    wifi = None
    if values["ssid"]:
        wifi = WifiSettings(ssid=values["ssid"], psk=Secret(values["psk"]))
        check_network(wifi)
    elif values["psk"]:
        raise InvalidInput("a PSK without an SSID")
    return BatchRow(
        line=line,
        device_id=device_id,
        hotspot=hotspot,
        host=host,
        port=port or 0,
        name=values["name"].strip(),
        wifi=wifi,
        new_password=Secret(values["new_password"]),
    )
