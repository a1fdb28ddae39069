"""`v380 settings`: what a camera is set to, read and changed."""

import typer

from v380cli.commands.settings import applying, changing, reading, upkeep

app = typer.Typer(
    help="Read and change what a camera is set to; every change is read back.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command("get")(reading.get)
app.command("set")(changing.set_)
app.command("dump")(reading.dump)
app.command("apply")(applying.apply)
app.command("format")(upkeep.format_)
app.command("firmware")(upkeep.firmware)
