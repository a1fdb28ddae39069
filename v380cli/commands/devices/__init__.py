"""`v380 devices`: cameras under names of their owner's choice."""

from v380cli.commands._parser import CommandGroup
from v380cli.commands.devices import change, show, transfer

app = CommandGroup("Keep a list of your cameras under names of your choice.")
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
