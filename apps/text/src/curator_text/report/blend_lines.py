"""What is said of a blend: which source gives how much, how often it is read, what is in two parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from curator_engine.counted import counted
from curator_text.blend.amounts import Amount
from curator_text.blend.groups import SITE, TEXT
from curator_text.blend.sources import PARTS
from curator_text.token_settings import BlendSettings

_SHOWN = 20
"""Sources that are shown."""


def plan_lines(
    amounts: Sequence[Amount],
    counts: Mapping[str, Mapping[str, Sequence[int]]],
    settings: BlendSettings,
) -> list[str]:
    """What is to be drawn, a line per source."""
    total = sum(each.taken for each in amounts)
    lines = [f"blend of {counted(total, 'tokens')} for training:"]
    lines += [f"  {plan_line(each)}" for each in amounts[:_SHOWN]]
    if (more := len(amounts) - _SHOWN) > 0:
        lines.append(f"  and {more:,} more sources")
    return [*lines, *part_lines(counts, settings)]


def plan_line(amount: Amount) -> str:
    """What a source gives, and how often it is read."""
    name, there, taken = amount.source, amount.there, amount.taken
    head = f"{name}: weight {float(amount.share):.1%}"
    if not taken:
        return f"{head}, left out; all of its {counted(there, 'tokens')} stay unused"
    if taken < there:
        return f"{head}, {taken:,} of its {counted(there, 'tokens')} ({amount.epochs:.2f} epochs); {there - taken:,} stay unused"
    if taken == there:
        return f"{head}, all of its {counted(there, 'tokens')}, once (1 epoch)"
    return f"{head}, {counted(taken, 'tokens')}: its {there:,} are repeated {amount.epochs:.2f} times (epochs)"


def limit_lines(amounts: Sequence[Amount]) -> list[str]:
    """The sources that give less than their weight asks for."""
    return [
        f"{each.source} would be read {each.asked_epochs:.2f} times for its weight; --max-epochs stops it "
        f"at {each.epochs:.2f}: the blend has {counted(each.asked - each.taken, 'tokens')} less"
        for each in amounts
        if each.taken < each.asked
    ]


def part_lines(
    counts: Mapping[str, Mapping[str, Sequence[int]]], settings: BlendSettings
) -> list[str]:
    """What there is for each part, if there are parts."""
    if not settings.split:
        return []
    sums = {
        part: [sum(each[i] for each in sources.values()) for i in (0, 1)]
        for part, sources in counts.items()
    }
    total = sum(tokens for _, tokens in sums.values())
    return [
        f"split by {settings.split_by}: "
        + ", ".join(
            f"{counted(documents, 'documents')} for {part} ({tokens / max(1, total):.1%} of the tokens)"
            for part, (documents, tokens) in sums.items()
            if documents or settings.split.count(",") >= PARTS.index(part)
        )
    ]


def leak_lines(leaks: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What documents of two parts have in common, a line for each that they can have."""
    return [f"{_what(group)}: {_pairs(pairs) or 'no document'}" for group, pairs in leaks.items()]


def _pairs(pairs: Mapping[str, int]) -> str:
    """Documents of a part that are like one of another part, where there are any."""
    found = {tuple(pair.split("/")): count for pair, count in pairs.items() if count}
    return ", ".join(f"{count:,} of {part} with {other}" for (other, part), count in found.items())


def _what(group: str) -> str:
    names = {TEXT: "the same text", SITE: "the same site"}
    return names.get(group, f"the same {group}")


def alarm_lines(facts: Mapping[str, Any], settings: BlendSettings) -> list[str]:
    """What a person should look at: documents in two parts, parts without documents."""
    lines: list[str] = []
    for group, pairs in facts["leaks"].items():
        # Crawls have sites in all parts, unless they are split by them: that is said, and no alarm.
        if group != SITE and (found := _pairs(pairs)):
            lines.append(f"documents of two parts have {_what(group)}: {found}; {_advice(group)}")
    if lacking := facts["lacking"]:
        lines.append(
            f"{lacking:,} documents have no {settings.split_by}; they were split by their text"
        )
    for part, counts in facts["parts"].items():
        if not counts["tokens"]:
            why = "fewer tokens than one sequence" if counts.get("left_out") else "no documents"
            lines.append(f"{part} has {why}; give it more in --split, or more documents")
    return lines


def _advice(group: str) -> str:
    if group == TEXT:
        return "remove copies with exact before tokenize, or leave --split-by out"
    return f"--split-by {group} keeps them together"
