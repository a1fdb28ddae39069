"""Ports that players and browsers connect to."""

import errno
import os
import socket

from v380cli.errors import NetworkError

# What is on its way to a viewer. The rest waits where it can be dropped: the kernel alone would
# take minutes of a small stream.
SEND_BUFFER_BYTES = 256 << 10
BACKLOG = 64


def open_listener(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 takes any that is free. NetworkError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        sock = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        is_taken = error.errno == errno.EADDRINUSE
        raise NetworkError(
            f"cannot serve on {host}:{port}: {reason}",
            hint="choose another port; 0 takes any that is free" if is_taken else "",
        ) from error
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)  # of each connection
    return sock
