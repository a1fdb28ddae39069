"""`v380 settings`: what a camera is set to, read and changed."""

from v380cli.commands._lazy import make_group

app = make_group(
    __name__,
    "Read and change what a camera is set to; every change is read back.",
    {
        "get": "reading.get",
        "set": "changing.set_",
        "dump": "reading.dump",
        "apply": "applying.apply",
        "format": "upkeep.format_",
        "firmware": "upkeep.firmware",
    },
)
