"""`v380 devices`: cameras under names of their owner's choice."""

import typer

from v380cli.commands.devices import change, show, transfer

app = typer.Typer(
    help="Keep a list of your cameras under names of your choice.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command("list")(show.list_)
app.command()(show.show)
app.command()(change.add)
app.command()(change.edit)
app.command()(change.remove)
app.command("import")(transfer.import_)
app.command()(transfer.export)
app.command()(show.label)
app.command("ls", hidden=True)(show.list_)
app.command("rm", hidden=True)(change.remove)
