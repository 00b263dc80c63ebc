"""What a page gives to take home says by which command it was made."""

import contextlib
import io
import json
import re
from pathlib import Path

import pandas as pd

from app import page
from plantedu.charts.chart import Drawing

COMMAND = "python -m plantedu attacks attack-pairs --network cross-0 --radius 0.0157"


def test_both_files_of_a_chart_say_their_recipe(monkeypatch):
    files = {}

    def button(label, made, name, *_, **__):
        files[name] = made()

    monkeypatch.setattr(page.st, "popover", lambda *_, **__: contextlib.nullcontext())
    monkeypatch.setattr(page.st, "download_button", button)
    drawing = Drawing({"mark": "point"}, pd.DataFrame({"radius": [0, 4], "share": [1.0, 0.25]}), "")
    page.downloads(drawing, "attack", COMMAND, "own attack")
    read = pd.read_csv(io.StringIO(files["attack.csv"]))
    assert read["share"].tolist() == [1.0, 0.25]
    assert set(read["made_by"]) == {COMMAND}
    assert json.loads(files["attack.vl.json"])["usermeta"]["made_by"] == COMMAND


def test_no_number_of_a_page_is_less_than_nothing():
    """-0.001 of two digits is 0.00, not -0.00: Python's z."""
    root = Path(page.__file__).parent
    fixed = re.compile(r":\+?\.\df\}")
    assert [path.name for path in root.rglob("*.py") if fixed.search(path.read_text())] == []
    assert f"{-0.001:z.2f} {-0.001:+z.2f}" == "0.00 +0.00"


def tabs_of(app):
    return [one.label for one in app.tabs if one.label[:1].isdigit()]


def test_tabs_are_numbered_and_asked_for_by_their_name(open_page):
    app = open_page("06_similarity")
    assert tabs_of(app)[:2] == ["1. Heat maps", "2. Two traps"]
    app.session_state["lab"] = "Two traps"
    app.run()
    assert app.session_state["lab"] == "2. Two traps"
    assert not app.exception


def test_the_open_tab_stands_in_the_address_and_a_strange_one_opens_the_first(open_page):
    assert (
        open_page("06_similarity", lab="3. Who notices?").session_state["lab"] == "3. Who notices?"
    )
    assert open_page("06_similarity", lab="[x](y)").session_state["lab"] == "1. Heat maps"
