"""`v380 recordings`: what is on the SD card."""

from v380cli.commands._parser import CommandGroup
from v380cli.commands.recordings import download, listing, play, sync, timeline

app = CommandGroup("List, download, mirror and play what is on the SD card.")
app.command("list")(listing.list_)
app.command()(timeline.timeline)
app.command()(download.download)
app.command()(sync.sync)
app.command()(play.play)
app.command("ls", hidden=True)(listing.list_)
