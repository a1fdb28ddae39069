"""`v380 capture`: packets of this protocol, recorded and explained."""

from v380cli.commands._parser import CommandGroup
from v380cli.commands.capture import explaining, fixing, recording

app = CommandGroup(
    """Record packets of this protocol, and say what they mean.

    Ids, addresses, names, passwords and pictures are left out unless --raw.
    """
)
app.command("record")(recording.record)
app.command("explain")(explaining.explain)
app.command("fixture")(fixing.fixture)
