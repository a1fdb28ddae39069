"""Watching cameras: what happens before them, the clips of it, and who is told."""
