"""What passes between this machine and cameras, put into a capture file."""

from collections.abc import Callable, Iterable

from v380cli.errors import CameraNotFound
from v380cli.explain.capture_file import RawPacket
from v380cli.explain.packets import LINK_ETHERNET
from v380cli.models import Device
from v380cli.net.interfaces import list_interfaces
from v380cli.net.packets import Sniffer
from v380cli.work.packet_file import PacketFile


def sniff(
    file: PacketFile, devices: Iterable[Device], seconds: float, is_over: Callable[[], bool]
) -> None:
    """Put packets from and to the cameras into the file until it is full or the time is over.

    Raises NetworkError without the right to, CameraNotFound where no address is known.
    """
    hosts = {device.host for device in devices if device.host}
    if not hosts:
        raise CameraNotFound("no address is known of these cameras")
    interfaces = sorted({interface.name for interface in list_interfaces()})
    with Sniffer(interfaces, hosts) as sniffer:
        for heard in sniffer.hear(seconds):
            if is_over() or file.is_full:
                return
            if heard.data:
                file.take(RawPacket(heard.time_s, LINK_ETHERNET, heard.data))
