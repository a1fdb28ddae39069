"""Parse, choose, print, exit: one thin file per command."""
