"""A V380 camera that beacons do not reach, recognised without a credential (PROTOCOL.md, 11).

It answers a log-in of nothing but zeros with a refusal that no other device sends, and tells its
device version. Asked once, and only at addresses that the owner named.
"""

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from v380cli.camera.login import Connect, exchange_login
from v380cli.camera.prober import Target
from v380cli.camera.sightings import Sighting
from v380cli.errors import NetworkError, RemoteProtocolError
from v380cli.models import DEFAULT_PORT, Beacon
from v380cli.net.datagram import resolve_host
from v380cli.net.stream import TcpChannel
from v380cli.wire.commands import Command
from v380cli.wire.login import LOGIN_REPLY_MIN_BYTES, LoginReply

QUESTION = Command.LOGIN.to_bytes(4, "little").ljust(256, b"\0")
TCP = "tcp"  # the way by which such a camera answered
MAX_ASKED_AT_ONCE = 16

log = logging.getLogger(__name__)


def read_device_version(host: str, port: int, connect: Connect = TcpChannel.open) -> int:
    """The version that the camera at this address tells, 0 for one that tells none.

    Raises NetworkError when nobody answers, RemoteProtocolError for who is not a V380 camera.
    """
    with connect(host, port) as channel:
        reply = exchange_login(channel, QUESTION)
    command = int.from_bytes(reply[:4], "little", signed=True)
    if command not in (Command.LOGIN_REPLY, Command.UNSUPPORTED):
        raise RemoteProtocolError(f"what answers at {host}:{port} is not a V380 camera")
    is_told = len(reply) >= LOGIN_REPLY_MIN_BYTES
    return LoginReply.decode(reply).device_version if is_told else 0


def find_by_tcp(targets: Iterable[Target], seen: Iterable[Sighting]) -> list[Sighting]:
    """The cameras at those of `targets` where nobody answered discovery; they do not tell an id."""
    heard = {(row.beacon.ip, row.beacon.port) for row in seen}
    silent = dict.fromkeys(_list_silent(targets, heard))
    with ThreadPoolExecutor(MAX_ASKED_AT_ONCE) as pool:
        found = pool.map(_recognise, silent)
    return [row for row in found if row]


def _list_silent(targets: Iterable[Target], heard: set[tuple[str, int]]) -> Iterator[Target]:
    hosts = {ip for ip, _ in heard}
    for target in targets:
        try:
            address = resolve_host(target.host)
        except OSError:  # discovery has warned of it
            continue
        is_heard = (address, target.port) in heard if target.port else address in hosts
        if not is_heard:
            yield Target(address, target.port or DEFAULT_PORT)


def _recognise(target: Target) -> Sighting | None:
    try:
        version = read_device_version(target.host, target.port)
    except (NetworkError, RemoteProtocolError) as error:
        log.info("%s:%d: %s", target.host, target.port, error.message)
        return None
    return Sighting(
        number=-1,
        beacon=Beacon(device_id=0, ip=target.host, port=target.port),
        interface="",
        answered_by=frozenset({TCP}),
        device_version=version,
    )
