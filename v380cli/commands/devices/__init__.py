"""`v380 devices`: cameras under names of their owner's choice."""

from v380cli.commands._lazy import make_group

app = make_group(
    __name__,
    "Keep a list of your cameras under names of your choice.",
    {
        "list": "show.list_",
        "show": "show.show",
        "add": "change.add",
        "edit": "change.edit",
        "remove": "change.remove",
        "import": "transfer.import_",
        "export": "transfer.export",
        "label": "show.label",
    },
    hidden={"ls": "show.list_", "rm": "change.remove"},
)
