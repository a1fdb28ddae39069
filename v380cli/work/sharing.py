"""Controls and media through a command that has the camera open already: it offers, others ask.

Some cameras serve one viewer only. Whoever records or shows such a camera passes on the controls
of other commands of the same user, and lets them read along.
"""

import contextlib
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.camera.control import NotAble, check_able
from v380cli.camera.recorder import Recorder
from v380cli.camera.recorder_state import LINKED_STATES
from v380cli.errors import NetworkError, StorageError, V380Error
from v380cli.models import Device, Quality
from v380cli.net.control_socket import (
    ControlServer,
    Handover,
    Message,
    ask,
    attach,
    list_sockets,
)
from v380cli.store.paths import find_run_dir, make_private_dir
from v380cli.wire.control import Control, decode_control
from v380cli.work.reading_along import ReadingDesk, open_local_link

if TYPE_CHECKING:
    from v380cli.camera.access import Access
    from v380cli.camera.local_link import LocalLink

VERSION = 1
NOT_MINE = "not_mine"  # another camera with the same id, or at another address by now

log = logging.getLogger(__name__)


@contextlib.contextmanager
def offer_controls(recorder: Recorder) -> Iterator[None]:
    """Let other commands of this user send controls through this recorder, and read along.

    Where that cannot be, the recorder lacks nothing for it.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = find_run_dir()
            make_private_dir(folder.parent)
            make_private_dir(folder)
            desk = stack.enter_context(closing(ReadingDesk(recorder.access.share())))
            answer = partial(_answer, recorder, desk)
            stack.enter_context(ControlServer(folder, [(_name(recorder.device), answer)]))
        except (OSError, StorageError) as error:
            log.info("no controls for other commands: %s", error)
        yield


class RemoteControls:
    """Controls by way of the command behind a socket."""

    def __init__(self, path: Path, device: Device, *, force: bool) -> None:
        self._path = path
        self._device = device
        self._force = force

    def send(self, control: Control) -> None:
        """Have it sent; raises NetworkError, or NotAble for what the camera lacks."""
        self.send_packet(control.encode())

    def send_packet(self, packet: bytes) -> None:
        """The same with a control that is encoded already."""
        reply = self._ask(packet)
        if reply is None:
            raise NetworkError(f"the command that has {self._device.label} open does not answer")
        if reply.get("ok"):
            return
        message = str(reply.get("message", ""))
        if reply.get("code") == NotAble.code:
            raise NotAble(message, hint=str(reply.get("hint", "")))
        raise NetworkError(message)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def is_ready(self) -> bool:
        """Whether it has this very camera, and its link is up."""
        reply = self._ask(b"")
        log.debug("%s: %s", self._path.name, reply)
        return bool(reply and reply.get("ok"))

    def _ask(self, packet: bytes) -> Message | None:
        request = {
            "version": VERSION,
            "address": self._device.address,
            "control": packet.hex(),
            "force": self._force,
        }
        return ask(self._path, request)


def find_remote(device: Device, *, force: bool) -> RemoteControls | None:
    """A running command of this user that has the camera's stream open, if there is one."""
    for path in list_sockets(find_run_dir(), _name(device)):
        remote = RemoteControls(path, device, force=force)
        if remote.is_ready():
            return remote
    return None


def find_shared(
    access: "Access", quality: Quality, audio: bool, prompt: bool
) -> "LocalLink | None":
    """A link through a running command of this user that has this stream of the camera."""
    device = access.device
    wanted = {"quality": quality, "audio": audio, "prompt": prompt}
    request = {"version": VERSION, "address": device.address, "read": wanted}
    for path in list_sockets(find_run_dir(), _name(device)):
        answered = attach(path, request)
        if answered is None:
            continue
        reply, sock = answered
        if reply.get("ok") is True:
            remote = RemoteControls(path, device, force=True)
            return open_local_link(access, sock, reply, remote.send_packet)
        sock.close()
    return None


def _name(device: Device) -> str:
    return str(device.device_id)


def _answer(recorder: Recorder, desk: ReadingDesk, request: Message) -> Message | Handover:
    """Do what the request asks for; ValueError for one that makes no sense."""
    if request.get("version") != VERSION:
        raise ValueError(f"this command speaks version {VERSION}")
    if request.get("address") != recorder.device.address:
        return {"ok": False, "code": NOT_MINE, "message": "another camera"}
    if isinstance(wanted := request.get("read"), dict):
        return desk.answer(wanted)
    packet = bytes.fromhex(str(request.get("control", "")))
    try:
        if recorder.state not in LINKED_STATES:
            raise NetworkError(f"the camera's link is not up: {recorder.state}")
        if packet:
            _pass_on(recorder, packet, force=request.get("force") is True)
    except V380Error as error:
        return {"ok": False, "code": error.code, "message": error.message, "hint": error.hint}
    return {"ok": True}


def _pass_on(recorder: Recorder, packet: bytes, *, force: bool) -> None:
    control = decode_control(packet)
    if control is None or control.encode() != packet:
        raise ValueError("no control of section 5a")
    ticket = recorder.ticket
    if not force:
        check_able(ticket.abilities if ticket else None, [control])
    recorder.send_control(packet)
    log.info("%s: control %d for another command", recorder.device.label, control.command)
