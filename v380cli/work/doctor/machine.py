"""The machine that we run on: what recording, discovery and the list need of it."""

import datetime as dt
import errno
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from v380cli import disk
from v380cli.errors import V380Error
from v380cli.net.firewall import Verdict, judge_udp_port
from v380cli.net.interfaces import list_interfaces
from v380cli.net.tool import has_tool, run_tool
from v380cli.store import secrets
from v380cli.store.database import find_list_path, open_device_list
from v380cli.text import format_count
from v380cli.wire.discovery import REPLY_PORT
from v380cli.work.doctor.finding import Found, fail, ok, skip, warn

NEWS_YEAR = 2025  # a clock before it was never set
LITTLE_BYTES = 1 << 30
TRIAL_BYTES = 1 << 20
SLOW_S = 2.0
TOOL_TIMEOUT_S = 5.0
ROOM_HINT = "make room, or record to another disk with --output"


def check_interfaces(_folder: Path) -> Found:
    """Whether there is a network at all."""
    interfaces = [entry for entry in list_interfaces() if not entry.is_loopback]
    if not interfaces:
        return fail("this machine has no network address but that of loopback", "is Wi-Fi on?")
    return ok(", ".join(f"{entry.name} {entry.address}" for entry in interfaces))


def check_firewall(_folder: Path) -> Found:
    """Cameras answer discovery to a fixed port, which no connection of ours has opened."""
    try:
        verdict, reason = judge_udp_port(REPLY_PORT)
    except V380Error as error:
        return skip(f"the rules cannot be read: {error.message}", "as root they can")
    if verdict is Verdict.DROP:
        return fail(
            f"the firewall keeps answers of cameras out (UDP {REPLY_PORT}): {reason}",
            f"let UDP {REPLY_PORT} in from your own network",
        )
    return ok(f"UDP {REPLY_PORT}: {reason}") if verdict is Verdict.ACCEPT else skip(reason)


def check_clock(_folder: Path) -> Found:
    """The times of recordings are this machine's."""
    now = dt.datetime.now().astimezone()
    if now.year < NEWS_YEAR:
        return fail(f"this machine's clock says {now:%Y-%m-%d}", "set it, or let it be set: NTP")
    if has_tool("timedatectl"):
        command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
        try:
            if run_tool(command, timeout_s=TOOL_TIMEOUT_S).strip() == "no":
                return warn("this machine's clock is not kept by NTP", "timedatectl set-ntp true")
        except V380Error as error:
            return ok(f"{now:%Y-%m-%d %H:%M} ({error.message})")
    return ok(f"{now:%Y-%m-%d %H:%M %z}")


def check_disk(folder: Path) -> Found:
    """Whether recordings go into `folder`, and how long one sync takes."""
    started_s = time.monotonic()
    path = folder / f".v380-doctor-{os.getpid()}"
    try:
        _write_trial(path)
    except OSError as error:
        hint = ROOM_HINT if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        return fail(f"nothing can be written in {folder}: {error.strerror}", hint)
    took_s = time.monotonic() - started_s
    free = shutil.disk_usage(folder).free
    if free < LITTLE_BYTES:
        return warn(f"{free >> 20} MiB are free in {folder}", ROOM_HINT)
    if took_s > SLOW_S:
        return warn(f"a sync in {folder} takes {took_s:.1f} s", "an SD card, or a busy disk?")
    return ok(f"{free >> 30} GiB free in {folder}, a sync takes {took_s * 1000:.0f} ms")


def check_keyring(_folder: Path) -> Found:
    """Where passwords go."""
    if secrets.open_keyring():
        return ok("passwords go into the keyring of this system")
    return ok(f"passwords go into {find_list_path()}, which only you can read: there is no keyring")


def check_wifi(_folder: Path) -> Found:
    """What `provision` needs to join a camera's hotspot."""
    if has_tool("nmcli"):
        return ok("NetworkManager is there to join the hotspot of a new camera")
    return skip("there is no NetworkManager: join the hotspot of a new camera by hand")


def check_codecs(_folder: Path) -> Found:
    """What recording and pictures need of FFmpeg, which comes with PyAV."""
    from v380cli.sinks.codecs import list_missing_codecs

    missing = list_missing_codecs()
    if missing:
        return fail(f"FFmpeg lacks {', '.join(missing)}", "pip install --force-reinstall av")
    return ok("FFmpeg has what recordings and pictures need")


def check_window(_folder: Path) -> Found:
    """What `view` needs for a window."""
    from v380cli.sinks.screen.window import find_display_problem

    try:
        problem = find_display_problem()
    except V380Error as error:
        return warn(error.message, error.hint)
    return (
        skip(f"no window: {problem}", "`v380 view` draws in the terminal")
        if problem
        else ok("windows can be opened")
    )


def check_speech(_folder: Path) -> Found:
    """What `talk --say` needs."""
    if has_tool("espeak-ng"):
        return ok("espeak-ng is there for `talk --say`")
    return skip("there is no espeak-ng, which `talk --say` needs", "apt install espeak-ng")


def check_list(_folder: Path) -> Found:
    """The device list: readable by nobody else, and no camera in it twice."""
    path = find_list_path()
    if not path.exists():
        return skip("there is no device list yet", "v380 devices add NAME")
    if path.stat().st_mode & 0o077:
        return fail(f"others can read {path}, which may hold passwords", f"chmod 600 {path}")
    with open_device_list(create=False) as devices:
        records = devices.list_devices()
    ids = Counter(record.device.device_id for record in records if record.device.device_id)
    twice = sorted(number for number, count in ids.items() if count > 1)
    if twice:
        names = ", ".join(map(str, twice))
        return warn(f"in the device list more than once: {names}", "v380 devices remove NAME")
    return ok(f"{format_count(len(records), 'camera')} in the device list")


# In the order in which one thing causes the next.
CHECKS: tuple[tuple[str, Callable[[Path], Found]], ...] = (
    ("interfaces", check_interfaces),
    ("firewall", check_firewall),
    ("disk", check_disk),
    ("clock", check_clock),
    ("device list", check_list),
    ("keyring", check_keyring),
    ("codecs", check_codecs),
    ("window", check_window),
    ("wifi", check_wifi),
    ("speech", check_speech),
)


def _write_trial(path: Path) -> None:
    descriptor = disk.create_file(path)
    try:
        left = memoryview(bytes(TRIAL_BYTES))
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        path.unlink()
