"""What is printed of cameras: found, listed, asked, set, turned; what stays open is a Table."""

import datetime as dt
from typing import Any, Literal, NotRequired, TypedDict

Time = dt.datetime
Table = dict[str, Any]


class Error(TypedDict):
    code: str
    message: str
    hint: str


class FoundCamera(TypedDict):
    id: int | None
    name: str | None
    ip: str
    mac: str
    netmask: str
    gateway: str
    port: int
    interface: str
    version: str
    config_id: int
    known: bool
    claimed_ip: str
    answered_by: list[str]
    also_on: list[str]
    conflict: bool
    device_version: int | None


class FoundEvent(FoundCamera):
    event: str
    time: Time
    previous_ip: NotRequired[str]


class ListedCamera(TypedDict):
    name: str
    id: int | None
    address: str | None
    port: int
    mac: str | None
    username: str
    quality: Literal["hd", "sd"] | None
    login_variant: str
    ptz_swapped: bool
    via: str
    learnt_via: str | None
    rtsp_url: str | None
    groups: list[str]
    notes: str
    added: str | None
    last_seen: str | None
    reachable: NotRequired[bool | None]
    login: NotRequired[bool | None]
    error: NotRequired[str | None]
    message: NotRequired[str | None]


class ShownCamera(ListedCamera):
    has_password: bool
    password: NotRequired[str]


class Information(TypedDict):
    device: str
    via: str | None
    identity: Table
    onvif: Table | None
    login: Table | None
    abilities: Table | None
    versions: Table | None
    record: Table | None
    clock: Table | None
    network: Table | None
    hd_stream: NotRequired[Table | None]
    sd_stream: NotRequired[Table | None]
    missing: dict[str, Table]
    error: NotRequired[Error]


class Provisioned(TypedDict):
    id: int | None
    ip: str
    mac: str
    ssid: str
    method: Literal["ap", "smartlink", "qr"]
    joined: bool
    seconds: float
    error: NotRequired[Error]


class BatchRow(TypedDict):
    line: int
    id: int | None
    name: str
    ssid: str
    status: str
    ip: str
    mac: str
    method: Literal["ap"]
    joined: bool
    seconds: float
    note: str


class Hotspot(TypedDict):
    id: int | None
    ssid: str
    bssid: str
    frequency_mhz: int
    signal: int
    encrypted: bool


class SeenNetwork(TypedDict):
    ssid: str
    bssid: str
    frequency_mhz: int
    signal: int
    security: str


class Failure(TypedDict):
    device: str
    error: Error


class Sent(TypedDict):
    device: str
    control: str
    sent: bool
    via: NotRequired[str | None]
    confirmed: NotRequired[bool]
    error: NotRequired[Error]


class Calibrated(TypedDict):
    device: str
    ptz_swapped: bool


class Preset(TypedDict):
    number: int | None
    name: str
    stored: Time | None
    token: NotRequired[str]


class Presets(TypedDict):
    device: str
    room: int | None
    presets: list[Preset]
    via: NotRequired[str]


class Settings(TypedDict):
    device: str
    id: int
    settings: dict[str, Table | None]
    missing: dict[str, str]


class NoSettings(TypedDict):
    device: str
    id: int
    error: Error


class Change(TypedDict):
    subject: str
    before: Table
    after: Table
    verified: bool


class ChangedCamera(Change):
    device: str
    id: int


class Applied(TypedDict):
    device: str
    id: int
    settings: list[Change]
    errors: dict[str, Error]


class Firmware(TypedDict):
    device: str
    id: int
    number: int
    name: str
    date: str
    new_number: int
    new_name: str
    new_date: str
    notes: str


class Finding(TypedDict):
    check: str
    state: Literal["ok", "warn", "fail", "skip"]
    message: str
    hint: str
    device: str | None


class Simulated(TypedDict):
    cameras: list[Table]


class Setting(TypedDict):
    command: str | None
    option: str
    value: Any
    source: str


class Configuration(TypedDict):
    path: str
    exists: bool
    settings: list[Setting]
