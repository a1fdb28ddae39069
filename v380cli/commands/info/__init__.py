"""`v380 info`: all that a camera tells of itself."""

from v380cli.commands.info.command import info

__all__ = ["info"]
