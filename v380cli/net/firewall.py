"""Whether this machine's packet filter lets discovery answers in, as far as its rules tell."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from v380cli.net.tool import has_tool, run_tool

TIMEOUT_S = 5.0
_ENDING = {"accept", "drop", "reject"}


class Verdict(StrEnum):
    """What becomes of a datagram."""

    ACCEPT = "accept"
    DROP = "drop"
    UNKNOWN = "unknown"  # the rules cannot be read, or are not told by these words


def judge_udp_port(port: int) -> tuple[Verdict, str]:
    """What the filter does with datagrams to `port`, and the rule or the reason.

    Raises NetworkError where the rules may not be read.
    """
    if not has_tool("nft"):
        return Verdict.UNKNOWN, "there is no `nft` here to read the rules with"
    return judge_ruleset(run_tool(["nft", "-j", "list", "ruleset"], timeout_s=TIMEOUT_S), port)


def judge_ruleset(text: str, port: int) -> tuple[Verdict, str]:
    """The same from what `nft -j list ruleset` prints.

    A rule that looks at more than the protocol and the port is passed over: it may not be about
    the camera.
    """
    try:
        entries = [entry for entry in json.loads(text)["nftables"] if isinstance(entry, dict)]
    except (ValueError, KeyError, TypeError):
        return Verdict.UNKNOWN, "the rules are not understood"
    for chain in _list_input_chains(entries):
        place = f"chain {chain.get('name')} of table {chain.get('table')}"
        verdict = _judge_chain(entries, chain, port)
        if verdict in ("drop", "reject"):
            return Verdict.DROP, f"a rule in {place} drops it"
        if verdict is None and chain.get("policy") == "drop":
            return Verdict.DROP, f"the policy of {place} drops it, and no rule lets it in"
    return Verdict.ACCEPT, "no rule drops it"


def _list_input_chains(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        chain = entry.get("chain")
        if isinstance(chain, dict) and chain.get("hook") == "input":
            yield chain


def _judge_chain(entries: list[dict[str, Any]], chain: dict[str, Any], port: int) -> str | None:
    """The verdict of the first rule that is about such datagrams for sure."""
    for entry in entries:
        rule = entry.get("rule")
        if not isinstance(rule, dict) or any(
            rule.get(key) != chain.get(other)
            for key, other in (("family", "family"), ("table", "table"), ("chain", "name"))
        ):
            continue
        expressions = [e for e in rule.get("expr", []) if isinstance(e, dict)]
        endings = [name for e in expressions for name in e if name in _ENDING]
        matches = [e["match"] for e in expressions if isinstance(e.get("match"), dict)]
        if endings and all(_is_about(match, port) for match in matches):
            return str(endings[0])
    return None


def _is_about(match: dict[str, Any], port: int) -> bool:
    """Whether a condition holds for datagrams to the port."""
    left, right = match.get("left", {}), match.get("right")
    if match.get("op") != "==" or not isinstance(left, dict):
        return False
    if isinstance(payload := left.get("payload"), dict):
        is_port = payload.get("field") == "dport" and payload.get("protocol") in ("udp", "th")
        return is_port and _holds(right, port)
    if isinstance(meta := left.get("meta"), dict):
        return meta.get("key") == "l4proto" and _holds(right, "udp")
    return False


def _holds(right: Any, wanted: int | str) -> bool:
    """Whether a value, a set or a range has it."""
    if isinstance(right, dict):
        if isinstance(members := right.get("set"), list):
            return any(_holds(member, wanted) for member in members)
        if isinstance(ends := right.get("range"), list) and isinstance(wanted, int):
            return len(ends) == 2 and int(ends[0]) <= wanted <= int(ends[1])
        return False
    return bool(right == wanted)
