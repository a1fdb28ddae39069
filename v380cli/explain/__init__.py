"""Captured packets in, the messages of the protocol out: pure, bounded, and redacted."""
