"""Sockets: interfaces, datagrams, one TCP channel."""
