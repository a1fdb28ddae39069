"""`v380 recordings`: what is on the SD card."""

import typer

from v380cli.commands.recordings import download, listing, play, sync

app = typer.Typer(
    help="List, download, mirror and play what is on the SD card.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command("list")(listing.list_)
app.command()(download.download)
app.command()(sync.sync)
app.command()(play.play)
app.command("ls", hidden=True)(listing.list_)
