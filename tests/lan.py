"""Whole LANs on this machine: network namespaces joined by bridges, nothing of the machine's own.

    with open_lab() as lab:
        lab.add_lan("lan1")
        host = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"]})
        host.call(lambda: ...)              # in a thread of this process
        host.start([*V380, ...])            # a process of its own, ended with the lab

Every link is made inside the lab's namespaces, so that a lab can never touch a real interface. No
host has a default route.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.warm import Process

T = TypeVar("T")

PREFIX = "v380t"
CLONE_NEWNET = 0x40000000  # linux/sched.h
NAMESPACES = Path("/run/netns")
GRACE_S = 2.0


class Host:
    """A machine in a lab: a namespace with one interface, named like the LAN, in each LAN."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self._processes: list[subprocess.Popen[str]] = []

    def ip(self, *commands: str) -> None:
        """Run these commands of `ip` in this namespace, one after the other."""
        _ip(*commands, namespace=self.namespace)

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in a thread inside this namespace; threads it starts are inside too."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                _enter(self.namespace)
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return future.result()

    def start(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
        """Start a process inside this namespace; the lab ends it at the latest."""
        inside = ["ip", "netns", "exec", self.namespace, *command]
        process = Process[str](inside, text=True, **options)
        self._processes.append(process)
        return process

    def end_processes(self) -> None:
        """End what was started here."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.communicate(timeout=GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


class Lab:
    """LANs and hosts; see `open_lab`."""

    def __init__(self) -> None:
        self._name = f"{PREFIX}-{os.getpid()}-{secrets.token_hex(3)}"
        self._hosts: list[Host] = []
        self._bridges: dict[str, Host] = {}
        self._ports = 0

    def add_lan(self, name: str) -> None:
        """Add an Ethernet segment; hosts name it to be on it."""
        self._bridges[name] = bridge = self._add_namespace(name)
        bridge.ip("link add bridge type bridge", "link set bridge up")

    def add_host(self, name: str, addresses: Mapping[str, Sequence[str]]) -> Host:
        """Add a machine with these addresses (`10.1.0.2/24`) on each of its LANs."""
        host = self._add_namespace(name)
        host.ip("link set lo up")
        for lan, networks in addresses.items():
            self.plug_in(host, lan, lan, networks)
        return host

    def plug_in(self, host: Host, lan: str, interface: str, networks: Sequence[str]) -> None:
        """Give a machine one more interface on a LAN, with these addresses."""
        self._ports += 1
        port = f"port{self._ports}"
        self._bridges[lan].ip(
            f"link add {port} type veth peer name {interface} netns {host.namespace}",
            f"link set {port} master bridge up",
        )
        addresses = [f"address add {each} broadcast + dev {interface}" for each in networks]
        host.ip(*addresses, f"link set {interface} up")

    def close(self) -> None:
        """End every process and namespace of the lab."""
        for host in self._hosts:
            host.end_processes()
        _ip(*(f"netns delete {host.namespace}" for host in self._hosts))

    def _add_namespace(self, name: str) -> Host:
        host = Host(f"{self._name}-{name}")
        _ip(f"netns add {host.namespace}")
        self._hosts.append(host)
        return host


@contextlib.contextmanager
def open_lab() -> Iterator[Lab]:
    """A lab for the length of a test; skips the test where it is not permitted, but not in CI."""
    if obstacle := find_obstacle():
        if os.environ.get("CI") == "true":
            pytest.fail(f"network namespaces are needed in CI: {obstacle}")
        pytest.skip(f"no network namespaces: {obstacle}")
    with contextlib.closing(Lab()) as lab:
        yield lab


@cache
def find_obstacle() -> str:
    """Why namespaces cannot be made here; empty if they can. Sweeps up after killed runs."""
    if os.geteuid() != 0:
        return "this needs root"
    if not shutil.which("ip"):
        return "there is no `ip` command"
    for path in NAMESPACES.glob(f"{PREFIX}-*-*"):
        if not Path("/proc", path.name.split("-")[1]).exists():
            _ip(f"netns delete {path.name}")
    trial = f"{PREFIX}-{os.getpid()}-trial"
    try:
        _ip(f"netns add {trial}")
    except AssertionError as error:
        return str(error)
    _ip(f"netns delete {trial}")
    return ""


def _ip(*commands: str, namespace: str = "") -> None:
    within = ["-n", namespace] if namespace else []
    done = subprocess.run(
        ["ip", *within, "-force", "-batch", "-"],
        input="\n".join(commands),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"ip {commands}: {done.stderr.strip()}"


def _enter(namespace: str) -> None:
    """Move the calling thread into a namespace (os.setns came with Python 3.12)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    finally:
        os.close(descriptor)
