"""A measured number is written once, in its result: texts quote it, pages read it.

What stands in a text without a source is a choice of ours, a given of the question, or arithmetic;
each is listed here, and nothing else is let through.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plantedu.course.lessons import lessons_in

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "lessons"
TEXTS = [*(f"{one.stem}.md" for one in lessons_in(LESSONS))]
TEXTS += [f"teaching/{path.name}" for path in sorted((LESSONS / "teaching").glob("*.md"))]
DECIMAL = re.compile(r"(?<![\w.#/-])(\d*\.\d+)(?![\w.])(?! <!-- value)")
QUIET = re.compile(  # what quotes nothing: code, formulas, addresses, sources, bets and exercises
    r"^---\n.*?\n---$|```.*?```|<!-- predict.*?<!-- /predict -->|<!-- exercise.*?<!-- /exercise -->"
    r"|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|!\[[^]]*\]|#/\S+ -->",
    re.DOTALL | re.MULTILINE,
)
CHOSEN = {  # file: thresholds and settings, levels that are stated, arithmetic, what was once
    "01_pairs.md": {".9"},
    "02_training.md": {".90", ".05", ".02", ".3"},
    "03_bump.md": {"4.54", "3.47"},
    "06_similarity.md": {".95", ".05", ".91"},
    "07_spectrum.md": {".05", "1.00", ".92", ".00", ".08"},
    "08_attacks.md": {".06", ".3"},
    "10_neurons.md": {".95", ".9", ".05"},
    "11_report.md": {".02", ".07", ".81", ".95", ".25", ".5", ".12", ".05", ".98", ".88", ".99"},
    "12_own.md": {".3"},
    "teaching/06_similarity.md": {".95"},
    "teaching/11_report.md": {".95"},
    "teaching/answer_key.md": {".95"},
    "teaching/helpers.md": {".11", ".76"},  # benchmarks/, not a lesson's
}
ON_PAGES = {".5", ".250", ".95", "0.5", "1.0", ".25"}  # a coin, a threshold, settings
SECONDS = re.compile(r"\b(\d+ s)\b(?! or)")


def unsourced(text: str) -> set[str]:
    """Decimals of a text beside which no place in a result stands."""
    return {found[1] for found in DECIMAL.finditer(QUIET.sub(" ", text))}


def said(path: Path) -> Iterator[str]:
    """The words of a page: its strings, its docstrings and styles left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        text = one.value if isinstance(one, ast.Constant) and id(one) not in docs else ""
        if isinstance(text, str) and " " in text and "<style>" not in text:
            yield text


def test_the_rule_sees_what_it_looks_for():
    assert unsourced("It is .31, and .45 <!-- value: results/a.json#/b%20.9 --> there.") == {".31"}
    assert unsourced("at $p = .5$, `--rho 0.3`, lesson 02.1a") == set()


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_quotes_what_was_measured(name):
    found = unsourced((LESSONS / name).read_text(encoding="utf-8"))
    assert found <= CHOSEN.get(name, set()), found - CHOSEN.get(name, set())


def test_pages_write_no_measured_number():
    pages = sorted((ROOT / "app").rglob("*.py"))
    assert len(pages) > 40
    words = [(path.name, one) for path in pages for one in said(path)]
    decimals = [(name, n) for name, one in words for n in DECIMAL.findall(one) if n not in ON_PAGES]
    seconds = [(name, n) for name, one in words for n in SECONDS.findall(one)]
    assert decimals + seconds == []


def test_lesson_12_counts_the_candidates_as_its_report_does():
    """The count stands in a sentence of the report, not in a number of its own."""
    report = json.loads((LESSONS / "results" / "12_report.json").read_text(encoding="utf-8"))
    words = (LESSONS / "12_own.md").read_text(encoding="utf-8")
    note = report["a"]["sections"]["hidden"]["notes"][0]
    found, candidates = re.match(r"(\d+) of (\d+) places or lights name", note).groups()
    assert f"{candidates} places and lights are candidates" in words
    assert f"{found} of the {candidates} name the class" in words
