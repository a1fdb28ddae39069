"""Bytes and messages of the V380 protocol: pure, no socket, clock or file."""
