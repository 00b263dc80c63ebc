"""Every row of notation.md is an entry, and is linked where it first stands on a page."""

import re
from pathlib import Path

import pytest

from plantedu.course.glossary import Linker, linked, read_terms, terms_in, texts
from plantedu.course.lessons import lessons_in

LESSONS = Path(__file__).parents[2] / "lessons"
TERMS = terms_in(LESSONS)
LINK = re.compile(r'\[((?:[^\]])+)\]\(glossary:([a-z0-9-]+) "([^"]*)"\)')
ASKED = (  # what practitioners did not understand at first sight
    *("prototype", "head, projector", "arm", "cue", "h", "z", "X1, X2", "RGB, RGN"),
    *("do()", "nat, nats", "FVU", "loss recovered", "AUROC", "N points"),
    *("Clopper-Pearson", "S", "ln K", "null, null value", "KL", "MRR", "RankMe", "LLC"),
    *("KID", "DLR", "EOT", "ELP, ELP-SR", "queue", "lp_ft", "dpm, unipc", "Bures"),
    *("CCA, SVCCA, PWCCA", "margin", "departure from normality", "Marchenko-Pastur"),
    *("twin", "world", "pairing", "checkpoint names", "$H(q)$, `entropy`"),
)


def test_every_row_of_the_notation_is_an_entry_of_its_own():
    text = (LESSONS / "notation.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    heads = [line for line in rows if line.split("|")[1].strip() in ("short", "symbol", "word")]
    assert len(TERMS) == len(rows) - len(heads) > 150
    assert len({one.anchor for one in TERMS}) == len(TERMS)
    for one in TERMS:
        assert one.forms, one
        assert len(one.hover) > 4, one
        assert not set('"|$`\\{}') & set(one.hover), one.hover


def test_what_practitioners_asked_for_is_explained():
    assert [word for word in ASKED if word not in {one.title for one in TERMS}] == []


@pytest.mark.parametrize("lesson", lessons_in(LESSONS), ids=lambda lesson: lesson.stem)
def test_a_lesson_links_each_of_its_terms_once_and_changes_no_word(lesson):
    found = linked(lesson, TERMS)
    links = [link for new in found.values() for link in LINK.findall(new)]
    anchors = [anchor for _, anchor, _ in links]
    assert len(anchors) == len(set(anchors)) >= 7
    hovers = {one.anchor: one.hover for one in TERMS}
    assert all(hovers[anchor] == hover for _, anchor, hover in links)
    for old, new in found.items():
        assert LINK.sub(r"\1", new) == old
    order = [LINK.sub(r"\1", found.get(text, text)) for text in texts(lesson)]
    assert order == texts(lesson)


def test_every_term_that_stands_in_plain_words_is_linked():
    """Found by another way than the linker's: words of a text without code, formulas and links."""
    for lesson in lessons_in(LESSONS):
        found = linked(lesson, TERMS)
        anchors = {a for new in found.values() for _, a, _ in LINK.findall(new)}
        words = set(re.findall(r"[\w-]+", " ".join(map(bare, texts(lesson)))))
        for one in TERMS:
            forms = {form for form in one.forms if re.fullmatch(r"[a-zA-Z]{4,}", form)}
            same = {t.anchor for t in TERMS for f in t.forms if any(x in f for x in one.forms)}
            if forms & words and (not one.lessons or lesson.number in one.lessons):
                assert anchors & same, (lesson.stem, one.title)


def bare(text: str) -> str:
    for quiet in (r"```.*?```", r"`[^`]*`", r"\$\$.*?\$\$", r"\$[^$]*\$", r"!?\[[^]]*\]\([^)]*\)",
                  r"<!--.*?-->", r"(?m)^#+ .*$", r"<[^>]*>"):  # fmt: skip
        text = re.sub(quiet, " ", text, flags=re.DOTALL if "m)" not in quiet else 0)
    return text


NOTE = """## Words

| word | what it is | first in |
|---|---|---|
| arm | a training of a "fork" | in 03 |
| ln K | the *loss* of $p = 1/K$ | in 02 |

## Spectra

| symbol | what it is | shape, range | where |
|---|---|---|---|
| $A$ | a map, $\\lvert A \\rvert$ | `"dim dim"` | `x.py` |
"""


def test_only_the_first_place_outside_code_is_linked():
    link = Linker(read_terms(NOTE), "03")
    first = link("`arm` and [an arm](x) and an alarm. Arms of an arm, $A$.")
    assert first == (
        "`arm` and [an arm](x) and an alarm. [Arms](glossary:arm \"a training of a 'fork'\") of an "
        "arm, $A$."
    )
    assert link("An arm again at ln K.") == (
        'An arm again at [ln K](glossary:ln-k "the loss of p = 1/K").'
    )


def test_a_word_that_two_entries_share_is_linked_once():
    """FVU stands alone and beside L0: the second text would have got the other entry."""
    link = Linker(TERMS, "10")
    assert [word for word, _, _ in LINK.findall(link("The FVU."))] == ["FVU"]
    assert [word for word, _, _ in LINK.findall(link("The FVU at $L_0$ = 8."))] == ["$L_0$"]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("What would you do? What do the pictures share?", []),
        ("By do() of one", ["do()"]),
        ("The arrow points at a place of far points.", []),
        ("It falls by 3 points.", ["points"]),
        ("by 3 <!-- value: a.json#/b --> points", ["points"]),
        ("four grey levels of 255, level .05, a rank correlation", []),
    ],
)
def test_an_ordinary_word_is_no_term(text, links):
    """A hover text that explains another word than the one below it is an untruth on the page."""
    assert [word for word, _, _ in LINK.findall(Linker(TERMS, "06")(text))] == links


@pytest.mark.parametrize(("lesson", "linked"), [("02", True), ("08", False), ("11", False)])
def test_code_and_head_are_swavs_where_swav_is_taught(lesson, linked):
    link = Linker(TERMS, lesson)
    assert ("(glossary:code" in link("Its code is even.")) is linked
    assert ("(glossary:head" in link("It feeds a linear head.")) is linked


@pytest.mark.parametrize(
    ("lesson", "text"),
    [
        ("07", "That is far too narrow."),
        ("08", "No row is kept."),
        ("05", "The angle of the leaf is kept."),
        ("06", "The camera's resolution."),
    ],
)
def test_a_word_of_one_lesson_is_an_ordinary_one_elsewhere(lesson, text):
    """Hovering "kept" in lesson 05 said that a map keeps a plant's neighbours, which is of 04."""
    assert Linker(TERMS, lesson)(text) == text


def test_a_lessons_own_meaning_of_a_letter_goes_before_that_of_all():
    """$s$ of lesson 04, a spread over seeds, was explained as scores of prototypes."""
    linked_ = Linker(TERMS, "04")("End values spread by $s$.")
    assert "spread of the end values" in linked_
    assert '"settings of a sweep"' in Linker(TERMS, "04")("Take $m$ settings.")


def test_a_letter_means_what_its_own_lesson_says():
    terms = read_terms(NOTE)
    assert Linker(terms, "07")("The map $A$.") == 'The map [$A$](glossary:a "a map, ∣ A ∣").'
    assert Linker(terms, "05")("The map $A$.") == "The map $A$."
