"""`v380 recordings`: what is on the SD card."""

from v380cli.commands._lazy import make_group

app = make_group(
    __name__,
    "List, download, mirror and play what is on the SD card.",
    {
        "list": "listing.list_",
        "timeline": "timeline.timeline",
        "download": "download.download",
        "sync": "sync.sync",
        "play": "play.play",
    },
    hidden={"ls": "listing.list_"},
)
