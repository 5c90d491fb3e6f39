"""The page `report.html` of a run that trains a model: how well it tells texts apart, by what, and at which threshold.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import Plot, share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.run_sections import run_header, steps_section


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    parts = [
        run_header(run, "Model of good and bad texts"),
        page.alarms(run.facts.get("alarms", [])),
        _totals(run.facts),
        _curve(run.facts),
        _thresholds(run.facts),
        _ngrams(run.facts),
        _examples(run.facts),
        steps_section(run),
        page.notes(run.facts.get("notes", [])),
        page.settings_section(_settings(run)),
    ]
    return page.assemble(f"train: {run.path}", parts, app="curator_text")


def _settings(run: RunFolder) -> dict[str, Any]:
    return {name: value for name, value in run.settings.items() if name != "input_blocksize"}


def _totals(facts: dict[str, Any]) -> str:
    held_out = facts["held_out"]
    tested = held_out["good"] + held_out["bad"]
    totals = [
        ("area under the curve", page.number("auc", held_out["auc"], f"{held_out['auc']:.4f}"), ""),
        (
            "right at 0.5",
            page.number("accuracy", held_out["accuracy"], f"{held_out['accuracy']:.1%}"),
            "",
        ),
        ("tested on", page.number("tested", tested, f"{tested:,}"), "texts held out"),
        ("trained on", page.number("trained", facts["trained"], f"{facts['trained']:,}"), "texts"),
    ]
    if bad := facts.get("quarantined", 0):
        totals.append(("in quarantine", page.number("quarantined", bad, f"{bad:,}"), ""))
    seconds = facts.get("total_time", 0.0)
    totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return page.cards(totals)


def _curve(facts: dict[str, Any]) -> str:
    held_out = facts["held_out"]
    plot = Plot(width=640, height=250, left=48, right=22, top=20, bottom=34)
    ticks = {n / 10: f"{n / 10:.0%}" for n in range(0, 11, 2)}
    parts = [plot.grid("left"), plot.curve(held_out["curve"]), plot.ticks(ticks)]
    lead = (
        f"Of {held_out['good']:,} good and {held_out['bad']:,} bad texts that the model has not seen: the share of good "
        "ones among the texts that a threshold keeps (upward), by the share of all good texts that it keeps (to the right)."
    )
    return page.section("Precision and recall", lead, plot.svg(parts, "Precision by recall"))


def _thresholds(facts: dict[str, Any]) -> str:
    rows = [
        (
            f"{each['threshold']:.2f}",
            f"{each['good_kept']:.1%}",
            share_bar(each["good_kept"]),
            f"{each['bad_kept']:.1%}",
            share_bar(each["bad_kept"]),
            "" if each["precision"] is None else f"{each['precision']:.1%}",
        )
        for each in facts["held_out"]["thresholds"]
    ]
    lead = (
        "What a least score keeps of the texts held out. A score is the probability that a text is good where good and "
        "bad texts are equally many; the last column is the share of good ones that is then kept."
    )
    head = ["least score", "good kept", "", "bad kept", "", "precision"]
    return page.section("Thresholds", lead, page.table(head, rows, numeric=(0, 1, 3, 5)))


def _ngrams(facts: dict[str, Any]) -> str:
    ngrams: list[dict[str, Any]] = facts["ngrams"]
    shown = "".join(
        page.details(title, _table([each for each in ngrams if (each["weight"] > 0) == is_good]))
        for title, is_good in (("Signs of good texts", True), ("Signs of bad texts", False))
    )
    lead = (
        "The words and runs of words that move the scores of the training texts most. Names of sites, dates or markup in "
        "this list mean that the model tells where texts come from, not how good they are."
    )
    return page.section("What it goes by", lead, shown)


def _table(ngrams: list[dict[str, Any]]) -> str:
    rows = [
        (
            f"<bdi>{page.escaped(each['ngram'])}</bdi>",
            f"{each['weight']:+.3f}",
            f"{each['good']:,}",
            f"{each['bad']:,}",
        )
        for each in ngrams
    ]
    head = ["words", "weight", "in good documents", "in bad ones"]
    return page.table(head, rows, numeric=(1, 2, 3))


def _examples(facts: dict[str, Any]) -> str:
    names = {
        "good": "different good texts",
        "bad": "different bad texts",
        "copies": "copies, left out",
        "in_both": "texts in both, left out",
        "empty": "texts without a word, left out",
        "no_text": "rows without text (null)",
    }
    rows = [(words, f"{facts.get(name, 0):,}") for name, words in names.items()]
    return page.section("Examples", "What was read.", page.table(["", "count"], rows, numeric=(1,)))
