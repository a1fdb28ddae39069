"""Elementary streams: pure, no socket, clock or file."""
