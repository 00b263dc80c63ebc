"""What a lab's captions say in the words of the glossary has its hover text, once a tab."""

import re
from pathlib import Path

import pytest

from app import captions, session

LABS = Path(__file__).parents[2] / "app" / "labs"
ENTRY = re.compile(r'\]\(glossary\?word=([a-z0-9-]+)&learner=[\w-]+ "[^"]+"\)')


@pytest.mark.parametrize(
    ("stem", "lab"),
    [("08_attacks", "Shortcut"), ("09_attribution", "Sensors and factors")],
)
def test_a_term_has_its_hover_text_in_the_first_caption_of_a_tab_that_uses_it(open_page, stem, lab):
    app = open_page(stem)
    app.session_state["lab"] = lab
    app.run()
    assert not app.exception
    tab = next(one for one in app.tabs if one.label.endswith(f". {lab}"))
    found = [entry for one in tab.caption for entry in ENTRY.findall(one.value)]
    assert found
    assert len(found) == len(set(found))


def test_outside_of_a_tab_words_stay_as_they_are(monkeypatch):
    said = []
    monkeypatch.setattr(session, "learner", lambda: "somebody")
    monkeypatch.setattr(captions.st, "caption", said.append)
    captions.caption("AUROC beside its null")
    with captions.first_uses(session.lesson("10_neurons")):
        captions.caption("AUROC beside its null")
        captions.caption("AUROC again")
    assert said[0] == "AUROC beside its null"
    assert "[AUROC](glossary?word=auroc" in said[1]
    assert said[2] == "AUROC again"


def test_labs_draw_their_captions_in_one_place():
    files = sorted(LABS.rglob("*.py"))
    assert len(files) > 30
    assert [one.name for one in files if re.search(r"\.caption\(f?\"", one.read_text())] == []
