"""All lessons together: sources can be reached, figures are told in words, numbers committed."""

import re
from pathlib import Path

import pytest

from plantedu.course.lessons import lessons_in
from plantedu.course.quotes import numbers

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "lessons"
COURSE = lessons_in(LESSONS)
ENTRY = re.compile(r"^@\w+\{(\w+),(.*?)(?=^@|\Z)", re.MULTILINE | re.DOTALL)
BIB = dict(ENTRY.findall((LESSONS / "references.bib").read_text(encoding="utf-8")))
DOI = re.compile(r"^\s*doi\s*=\s*\{10\.\d{4,9}/\S+\}", re.MULTILINE)
ARXIV = re.compile(r"^\s*eprint\s*=\s*\{(\d{4}\.\d{4,5}|[a-z-]+/\d{7})\}", re.MULTILINE)
ELSE = re.compile(r"^\s*(url\s*=\s*\{https://\S+\}|isbn\s*=\s*\{[\d-]+\})", re.MULTILINE)
HYPE = ("groundbreaking", "revolution", "clearly shows", "obviously", "state-of-the-art", "amazing")
NOTATION = (LESSONS / "notation.md").read_text(encoding="utf-8")
SHORT = re.compile(r"\b[A-Z]{2,}\b|\bSwAV\b")  # of two capitals or more
each = pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.stem)


def text_of(lesson) -> str:
    return (LESSONS / f"{lesson.stem}.md").read_text(encoding="utf-8")


def prose(text: str) -> str:
    """What is read of a lesson: no code, formulas, addresses, or sources of numbers."""
    for gone in (r"<!--.*?-->", r"```.*?```", r"`[^`]*`", r"\$\$.*?\$\$", r"\$[^$]*\$"):
        text = re.sub(gone, " ", text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)", "]", text)


def short_words(lesson) -> set[str]:
    return set(SHORT.findall(prose(text_of(lesson).split("---", 2)[2])))


@pytest.mark.parametrize("key", list(BIB))
def test_every_source_can_be_reached(key):
    assert any(how.search(BIB[key]) for how in (DOI, ARXIV, ELSE)), f"{key}: add a DOI or arXiv id"


@pytest.mark.parametrize("key", list(BIB))
def test_a_source_has_the_year_of_its_key_and_a_published_one_its_venue(key):
    year = re.search(r"year\s*=\s*\{(\d{4})\}", BIB[key])
    assert year
    assert key.rstrip("abcdefghijklmnopqrstuvwxyz").endswith(year[1]), f"{key}: {year[1]}"
    text = (LESSONS / "references.bib").read_text(encoding="utf-8")
    kind = re.search(rf"@(\w+)\{{{re.escape(key)},", text)
    assert kind
    venue = {"article": "journal", "inproceedings": "booktitle", "book": "publisher"}.get(kind[1])
    assert venue is None or f"{venue} =" in BIB[key], f"{key}: name its {venue}"


def test_each_source_is_closed_and_none_stands_twice():
    text = (LESSONS / "references.bib").read_text(encoding="utf-8")
    assert all(entry.rstrip().endswith("\n}") for _, entry in ENTRY.findall(text))
    keys = [key for key, _ in ENTRY.findall(text)]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_most_sources_have_a_doi_or_an_arxiv_id():
    strong = [key for key, entry in BIB.items() if DOI.search(entry) or ARXIV.search(entry)]
    assert len(strong) >= 0.9 * len(BIB)


@each
def test_sources_of_a_lesson_are_in_the_bibliography(lesson):
    assert lesson.sources
    assert set(lesson.sources) <= set(BIB)


@each
def test_links_are_whole(lesson):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(lesson)):
        if target.startswith("https://arxiv.org"):
            assert re.fullmatch(r"https://arxiv\.org/abs/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})", target)
        elif not target.startswith(("https://", "http://", "#")):
            assert (LESSONS / target).is_file(), target


@each
def test_figures_are_told_in_words(lesson):
    for figure in lesson.figures:
        assert len(figure.alt.split()) >= 5, figure.path
        caption = figure.caption.lower()
        assert re.search(r"null|chance|control|at random|random|shuffle", caption), figure.path
        assert re.search(r"\d|one seed|one run", caption), f"{figure.path}: say n and seeds"


@each
def test_numbers_come_from_committed_results(lesson):
    assert len(numbers(text_of(lesson))) >= 5


@each
def test_no_hype(lesson):
    words = text_of(lesson).lower()
    assert [word for word in HYPE if word in words] == []


@each
def test_what_a_lesson_rests_on_is_there(lesson):
    stems = {one.stem for one in COURSE}
    assert set(lesson.prerequisites) <= stems
    assert lesson.controls
    assert lesson.planted
    assert 10 <= lesson.minutes <= 120
    assert len(lesson.exercises) >= 3


def test_symbols_of_the_notation_stand_where_it_says():
    files = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.py)`", NOTATION))
    assert len(files) > 20
    assert [file for file in sorted(files) if not (ROOT / "plantedu" / file).is_file()] == []


def test_abbreviations_are_spelled_out_where_the_notation_says_and_nowhere_unused():
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\d\d) \|$", NOTATION, re.MULTILINE)
    known = {word: first for short, _, first in rows for word in SHORT.findall(short)}
    used = {word: lesson.number for lesson in reversed(COURSE) for word in short_words(lesson)}
    assert set(used) - {"CPU", "GPU", "README"} == set(known)
    assert {word: used[word] for word in known} == known
    assert all(len(meaning) > 10 for _, meaning, _ in rows)


def test_an_abbreviation_is_told_from_code_sources_and_formulas():
    text = "CKA of `RGN` <!-- value: results/XY.json#/Z --> and $JJ^T$ in [text](figures/NO.svg)."
    assert SHORT.findall(prose(text)) == ["CKA"]


def test_the_workshop_is_half_a_day_of_lessons_that_are_there():
    text = (LESSONS / "workshop.md").read_text(encoding="utf-8")
    minutes = [int(m) for m in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert sum(minutes) == 240
    for name in re.findall(r"\]\((\d\d_\w+\.md)\)", text):
        assert (LESSONS / name).is_file(), name
    for trouble in ("no network", "no GPU", "slow"):
        assert trouble in text
