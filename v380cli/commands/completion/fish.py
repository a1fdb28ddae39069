"""The completion script for fish."""

from collections.abc import Iterator

from v380cli.commands.completion.parser import (
    ASK_CAMERA,
    ASK_TARGET,
    Node,
    Option,
    Value,
    walk,
)

ANSWERS = {
    Value.CAMERA: "-a '(__v380_cameras)'",
    Value.TARGET: "-a '(__v380_targets)'",
    Value.POSITION: "-a '(__v380_positions)'",
    Value.FILE: "-F",
}
# -x: a value and no file; -r -F: a value that is a file.
VALUES = {
    Value.TEXT: "-x",
    Value.FILE: "-r -F",
    Value.CAMERA: f"-x {ANSWERS[Value.CAMERA]}",
    Value.TARGET: f"-x {ANSWERS[Value.TARGET]}",
}


def format_script(root: Node) -> str:
    """The script for fish 3 and newer."""
    nodes = list(walk(root))
    lines = [line for node in nodes for line in _list_lines(node)]
    return (
        SCRIPT.replace("@ASK_CAMERA@", ASK_CAMERA)
        .replace("@ASK_TARGET@", ASK_TARGET)
        .replace("@VALUED@", " ".join(_list_valued(nodes)))
        .replace("@LINES@", "\n".join(lines))
    )


def _list_valued(nodes: list[Node]) -> list[str]:
    """Options that a value follows, wherever they are."""
    options = [option for node in nodes for option in node.options]
    valued = {name for each in options if each.value is not Value.NONE for name in each.names}
    switches = {name for each in options if each.value is Value.NONE for name in each.names}
    return sorted(valued - switches)


def _list_lines(node: Node) -> Iterator[str]:
    """Commands are offered right behind their group, options anywhere behind their command."""
    words = "".join(f" {word}" for word in node.path)
    here = f"complete -c v380 -n '__v380_is{words}'"
    below = f"complete -c v380 -n '__v380_in{words}'" if node.path else here
    for child in node.children:
        yield f"{here} -a {child.name} -d '{child.summary}'"
    yield from _list_places(node)
    for option in node.options:
        parts = [_format_names(option), _format_choices(option) or VALUES.get(option.value, "")]
        yield " ".join([below, *filter(None, parts), f"-d '{option.summary}'"])


def _list_places(node: Node) -> Iterator[str]:
    """What is offered at each place; the last one's may come again."""
    counted = "camera_at" if node.begins_with_camera else "at"
    for number, option in enumerate(node.places):
        is_endless = node.repeats and number == len(node.places) - 1
        for name, all_ in option.assignments.items():
            test = f"__v380_behind {name} {number} {' '.join(node.path)}"
            yield f"complete -c v380 -n '{test}' -a '{' '.join(all_)}'"
        choices = f"-a '{' '.join(option.choices)}'" if option.choices else ""
        if answers := choices or ANSWERS.get(option.value):
            test = f"{'ge' if is_endless else 'eq'} {number}"
            yield f"complete -c v380 -n '__v380_{counted} {test} {' '.join(node.path)}' {answers}"


def _format_names(option: Option) -> str:
    return " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )


def _format_choices(option: Option) -> str:
    return f"-x -a '{' '.join(option.choices)}'" if option.choices else ""


SCRIPT = r"""# fish completion for v380, written by `v380 completion fish`

function __v380_cameras
    env @ASK_CAMERA@
end

function __v380_targets
    env @ASK_TARGET@
end

function __v380_positions
    set -l words (__v380_words)
    env _V380_COMPLETE=positions v380 $words[2] 2>/dev/null
end

function __v380_words
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word @VALUED@
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __v380_is
    set -l words (__v380_words)
    test "$words" = "$argv"
end

function __v380_in
    set -l words (__v380_words)
    set -l count (count $argv)
    test (count $words) -ge $count; and test "$words[1..$count]" = "$argv"
end

function __v380_at
    __v380_in $argv[3..]; or return
    set -l words (__v380_words)
    test (math (count $words) - (count $argv[3..])) -$argv[1] $argv[2]
end

function __v380_camera_at
    set -l place $argv[2]
    if string match -qr -- '^(-d|--device|--all)' (commandline -opc)
        set place (math $place - 1)
    end
    __v380_at $argv[1] $place $argv[3..]
end

function __v380_behind
    set -l place (math $argv[2] - 1)
    __v380_camera_at ge $argv[2..]; or return
    if string match -qr -- '^(-d|--device|--all)' (commandline -opc)
        set place (math $place - 1)
    end
    set -l words (__v380_words)
    set place (math $place + 1 + (count $argv[3..]))
    test "$words[$place]" = "$argv[1]"
end

complete -c v380 -f
@LINES@
"""
