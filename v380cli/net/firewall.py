"""Whether this machine's packet filter lets discovery answers in, as far as its rules tell."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from v380cli.net.tool import has_tool, run_tool

TIMEOUT_S = 5.0
MAX_JUMPS = 16  # the kernel's own limit
_ENDING = {"accept", "drop", "reject"}
_JUMPS = {"jump", "goto"}
_BESIDE = {"counter", "log"}  # ask nothing of a datagram

Chain = tuple[str, str, str]  # family, table and name
Rule = list[dict[str, Any]]  # what it asks and does


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
    rules = _group_rules(entries)
    for chain in _list_input_chains(entries):
        place = f"chain {chain.get('name')} of table {chain.get('table')}"
        verdict = _judge_chain(rules, _name_chain(chain, "name"), port)
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


def _group_rules(entries: list[dict[str, Any]]) -> dict[Chain, list[Rule]]:
    """The rules of each chain, in order."""
    rules: dict[Chain, list[Rule]] = {}
    for entry in entries:
        rule = entry.get("rule")
        if isinstance(rule, dict) and isinstance(rule.get("expr"), list):
            expressions = [each for each in rule["expr"] if isinstance(each, dict)]
            rules.setdefault(_name_chain(rule, "chain"), []).append(expressions)
    return rules


def _name_chain(entry: dict[str, Any], key: str) -> Chain:
    return str(entry.get("family")), str(entry.get("table")), str(entry.get(key))


def _judge_chain(
    rules: dict[Chain, list[Rule]], chain: Chain, port: int, jumps: int = 0
) -> str | None:
    """The verdict of the first rule that is about such datagrams for sure, jumps followed."""
    about = (rule for rule in rules.get(chain, []) if all(_lets_through(e, port) for e in rule))
    for rule in about:
        for word, value in ((word, each[word]) for each in rule for word in each):
            if word in _ENDING:
                return word
            if word == "return":
                return None
            if word in _JUMPS and isinstance(value, dict) and jumps < MAX_JUMPS:
                target = (*chain[:2], str(value.get("target")))
                verdict = _judge_chain(rules, target, port, jumps + 1)
                if verdict or word == "goto":
                    return verdict
    return None


def _lets_through(expression: dict[str, Any], port: int) -> bool:
    """Whether what stands behind it in its rule is about datagrams to the port."""
    if isinstance(match := expression.get("match"), dict):
        return _is_about(match, port)
    return not expression.keys() - _ENDING - _JUMPS - _BESIDE - {"return"}


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
        match right.get("range"):
            case [int(first), int(last)] if isinstance(wanted, int):
                return first <= wanted <= last
        return False
    return bool(right == wanted)
