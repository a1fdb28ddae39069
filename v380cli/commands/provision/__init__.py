"""`v380 provision`: a camera into the Wi-Fi, and proof that it is there."""

from v380cli.commands._parser import CommandGroup
from v380cli.commands.provision import ap, batch, qr, scan, smartlink

app = CommandGroup("Bring a camera into your Wi-Fi, and see that it is there.")
app.command()(ap.ap)
app.command()(smartlink.smartlink)
app.command()(qr.qr)
app.command()(scan.scan)
app.command()(batch.batch)
