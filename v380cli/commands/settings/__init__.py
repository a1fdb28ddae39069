"""`v380 settings`: what a camera is set to, read and changed."""

from v380cli.commands._parser import CommandGroup
from v380cli.commands.settings import applying, changing, reading, upkeep

app = CommandGroup("Read and change what a camera is set to; every change is read back.")
app.command("get")(reading.get)
app.command("set")(changing.set_)
app.command("dump")(reading.dump)
app.command("apply")(applying.apply)
app.command("format")(upkeep.format_)
app.command("firmware")(upkeep.firmware)
