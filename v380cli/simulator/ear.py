"""What a camera in SmartLink mode hears: the addresses of datagrams (PROTOCOL.md, section 1b).

The addresses carry the data, so that there is no group to join: as the camera does, it listens
below IP, on a packet socket (Linux, and root).
"""

import socket
import struct
from collections.abc import Sequence

from v380cli.errors import NetworkError
from v380cli.simulator.radio import Radio
from v380cli.wire.smartlink import PAYLOAD, PORT, SmartLinkDecoder

ETH_P_IP = 0x0800
PACKET_ADD_MEMBERSHIP, PACKET_MR_ALLMULTI = 1, 2  # linux/if_packet.h
SOL_PACKET = 263
PACKET_MAX_BYTES = 128  # IPv4 with options, UDP and 20 bytes
PROTOCOL_OFFSET, DESTINATION_OFFSET = 9, 16  # in an IPv4 header
MAX_SENDERS = 64


class Ear:
    """Hears on one interface for some radios; `sock` is what to wait for."""

    def __init__(self, interface: str, radios: Sequence[Radio]) -> None:
        """Listen; NetworkError where that is not permitted."""
        self._radios = radios
        self._decoders: dict[bytes, SmartLinkDecoder] = {}
        try:
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        except OSError as error:
            raise NetworkError(
                f"cannot hear SmartLink: {error.strerror}", hint="root can"
            ) from None
        try:
            self.sock.bind((interface, ETH_P_IP))
            all_groups = struct.pack(
                "iHH8x", socket.if_nametoindex(interface), PACKET_MR_ALLMULTI, 0
            )
            self.sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, all_groups)
        except OSError as error:
            self.sock.close()
            raise NetworkError(f"cannot hear on {interface}: {error.strerror}") from None

    def hear(self) -> None:
        """Take in the packet that waits, and tell the radios when a round is whole."""
        try:
            packet = self.sock.recv(PACKET_MAX_BYTES)
        except OSError:  # the interface is down
            return
        header_bytes = (packet[0] & 0x0F) * 4 if packet else 0
        udp = packet[header_bytes : header_bytes + 8]
        is_udp = len(udp) == 8 and packet[PROTOCOL_OFFSET] == socket.IPPROTO_UDP
        if not is_udp or struct.unpack(">2xHH2x", udp) != (PORT, 8 + len(PAYLOAD)):
            return
        sender = packet[DESTINATION_OFFSET - 4 : DESTINATION_OFFSET]
        if sender not in self._decoders and len(self._decoders) >= MAX_SENDERS:
            return
        decoder = self._decoders.setdefault(sender, SmartLinkDecoder())
        address = socket.inet_ntoa(packet[DESTINATION_OFFSET : DESTINATION_OFFSET + 4])
        if heard := decoder.receive_address(address):
            for radio in self._radios:
                radio.tell(heard.wifi, heard.config_id)
