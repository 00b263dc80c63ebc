"""Nothing that stands in an address becomes part of a page but a word of the right form."""

import re
from pathlib import Path

import pytest

from app import address
from plantedu.course.classes import Classes
from tests.app.conftest import text_of

APP = Path(address.__file__).parent
LINK = "[look](https://evil.example)"
PICTURE = "![x](https://evil.example/seen.png)"
VIEWS = {
    "run": ("02_training", "04_family"),
    "result": ("05_generation", "06_similarity"),
    "class": ("", "00_workshop"),
    "keeper": ("00_workshop",),
    "host": ("",),
    "seed": ("02_training",),
    "epsilon": ("02_training",),
    "recording": ("02_training",),
}


@pytest.mark.parametrize("text", [LINK, PICTURE, "<b>x</b>"])
@pytest.mark.parametrize("name", list(VIEWS))
def test_text_of_an_address_is_not_shown(open_page, name, text):
    for view in VIEWS[name]:
        app = open_page(view, **{name: text})
        shown = text_of(app) + "".join(str(one.value) for one in app.toast)
        assert text not in shown
        assert "evil" not in shown


def test_a_learner_is_told_what_the_address_lacks(open_page):
    text = text_of(open_page("02_training", run=LINK))
    assert "There is no run of the name in this address" in text
    assert "no code of a class" in text_of(open_page("", **{"class": PICTURE}))
    for view in ("05_generation", "10_neurons"):
        assert "no result of the name in this address" in text_of(open_page(view, result=LINK))
        assert "is not here" in text_of(open_page(view, result="0123abcd"))


def test_a_code_may_be_written_as_it_is_said(open_page, store, token):
    code, _ = Classes(store.path).begin()
    open_page("", **{"class": f" {code[:3].lower()} {code[3:]} "})
    assert Classes(store.path).of(token) == [code]


def test_only_one_file_reads_the_address():
    """Any other would have to think of all this anew."""
    reads = re.compile(r"query_params(?!=)|st\.context\.(url|headers|cookies)")
    found = {
        path.name: reads.findall(path.read_text(encoding="utf-8"))
        for path in sorted(APP.rglob("*.py"))
    }
    assert {name for name, hits in found.items() if hits} <= {"address.py", "teacher.py"}
    assert "query_params" not in (APP / "teacher.py").read_text(encoding="utf-8")
