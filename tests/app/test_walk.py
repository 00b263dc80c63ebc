"""Every page walked in a real Chromium: every control worked, every result seen finished.

`test_every_control_of_a_page` finds tabs, folded parts, selects, choices, sliders, switches,
numbers, downloads and file inputs by itself. A learner's own finished results stand in the store:
they are what the lessons recorded, so no page waits for a run. `test_a_button_finishes_its_run`
presses the buttons whose smallest run takes seconds, and sees it done.

Left out: buttons whose smallest run takes minutes on two cores (fork, switch, grokking, rulers,
crossing, llc, probe settings, kept, faithful, matching, rivals, sensitivity, polysemy, dictionary,
steering, robustness, transfer, agreement, shortcut, fine-tuning, trainings). What they show when
they are done is walked by the first test, and how they run is tested beside each method. Every
choice of every select box is tried by `test_every_control.py`.
"""

import json
from itertools import chain

import pytest

from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import new_token
from plantedu.own.examination.page_settings import Settings
from plantedu.own.examination.report_numbers import from_names
from plantedu.shipped_files import results
from plantedu.store.store import Store
from tests.app.conftest import show_recorded
from tests.app.printed_commands import commands_in, fault_of
from tests.app.test_browser import HOST, ROOT, chromium, folder, url  # noqa: F401
from tests.app.test_browser import pytestmark as needs_chromium
from tests.app.walker import Walk

pytestmark = [  # in a Chromium, and not among the slow ones: it takes too long for each run of CI
    pytest.mark.walk,
    pytest.mark.timeout(1800),
    *(one for one in needs_chromium if one.name != "slow"),
]
LESSONS = {lesson.url: "Further reading" for lesson in lessons_in(ROOT / "lessons")}
OTHERS = {"": "Lessons", "workshop": "What is stored", "glossary": "Words and symbols"}
OTHERS |= {"privacy": "Yours", f"host?host={HOST}": "How busy this machine is"}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1366, "height": 900}
RECORDED = {  # kind: what was asked for, the file of its result, and the place in it
    "clinic": ({"seed": 1}, "03_clinic"),
    "rulers": ({}, "03_rulers"),
    "escape": ({}, "03_escape", "stages"),
    "crossing": ({}, "03_crossing", "switch, 30 steps"),
    "probing": ({"encoder": "cross-0", "factor": "bloom"}, "02_probing", "bloom"),
    "embedding": ({"checkpoint": "cross-0"}, "04_embedding", "maps", "h-30"),
    "kept": ({"plants": 24, "layer": "h"}, "05_kept"),
    "effects": ({"plants": 24}, "05_effects"),
    "reader": ({"plants": 24}, "05_reader"),
    "faithful": ({"plants": 24}, "05_faithful"),
    "matching": ({"plants": 24}, "05_matching"),
    "rivals": ({"plants": 24}, "05_rivals_seed"),
    "traps": ({"n": 100, "moved": "brown"}, "06_traps"),
    "similarity": ({"seed": 1}, "06_random", "cka"),
    "grounding": ({"encoders": 2, "plants": 512}, "06_grounding"),
    "spectrum": ({"checkpoint": "cross-0", "layer": "z"}, "07_maps", "cross-0 z"),
    "attack": ({}, "08_attack"),
    "robustness": ({"networks": ["cross-0"]}, "08_robustness"),
    "transfer": ({}, "08_transfer"),
    "agreement": ({"networks": ["cross-0"]}, "08_agreement"),
    "shortcut": ({}, "08_shortcut"),
    "active": ({"plants": 24}, "08_active"),
    "attribute": ({}, "09_attribute"),
    "attribution": ({}, "09_report"),
    "neurons": ({"encoder": "cross-0"}, "10_units_cross"),
    "polysemy": ({"plants": 256}, "10_polysemy"),
    "dictionary": ({"encoder": "cross-0"}, "10_dictionary", "topk"),
    "interchange": ({"network": "cues/lesions-0"}, "10_interchange", "rows", 0),
    "report_card": ({}, "11_report_card"),
    "examine": (Settings().as_json(), "12_report", "a"),
}
QUICK = (  # page, its last heading, tab, button
    ("pairs", "All factors", "Move every factor"),
    ("pairs", "Partners", "Look for partners"),
    ("pairs", "Pipes", "Feed plants"),
    ("training", "", "Read h and z"),
    ("bump", "Clinic", "Diagnose"),
    ("generation", "Draw", "Draw"),
    ("similarity", "Two traps", "Measure"),
    ("spectrum", "From sensor to sensor", "Measure"),
    ("spectrum", "Planted heads", "Build and read"),
    ("attacks", "Attack a pair", "Attack"),
    ("attribution", "Map a pair", "Map"),
    ("neurons", "One unit", "Measure"),
)
SECONDS = 600.0  # for one of them on a busy machine; each takes some seconds on two quiet cores


@pytest.fixture(scope="module")
def learner(folder, url):  # noqa: F811
    """A learner who has a finished result of everything that a lesson recorded."""
    token, store = new_token(), Store(folder / "plantedu.sqlite")
    for kind, (asked, *place) in RECORDED.items():
        found = json.loads((results() / f"{place[0]}.json").read_text())
        for step in place[1:]:
            found = found[step]
        found = {key: value for key, value in found.items() if key != "command"}
        if kind == "examine":  # a lesson quotes it by the names of its numbers
            found = json.loads(json.dumps(from_names(found).as_json()))
        run = store.submit(kind, asked, lane="analysis", learner=token, worker="walker")
        store.finish(run, found, worker="walker")
    store.close()
    for lesson in lessons_in(ROOT / "lessons"):
        show_recorded(lesson.stem, token, folder / "plantedu.sqlite")
    return token


@pytest.fixture
def walk(chromium, url, learner):  # noqa: F811
    """A visitor with the learner's address."""
    context = chromium.new_context(viewport=DESK, reduced_motion="reduce")
    yield Walk(context.new_page(), url, learner)
    context.close()


@pytest.mark.parametrize("path", [*OTHERS, *LESSONS])
def test_every_control_of_a_page(walk, path):
    last = (OTHERS | LESSONS)[path]
    walk.open(path, last)
    for tab in walk.tabs():
        panel = walk.panel(tab)
        walk.unfold(panel, tab)
        walk.work(panel, tab)
        walk.page.set_viewport_size(PHONE)
        walk.look(f"{tab}, on a phone")
        walk.page.set_viewport_size(DESK)
    _come_and_go(walk, path, last)
    wrong = [fault_of(one) for one in chain.from_iterable(map(commands_in, walk.commands))]
    everything = [*walk.found.items(), *filter(None, wrong)]
    assert not everything, "\n".join(map(str, everything))
    assert path in OTHERS or sum(walk.worked.values()) > 8, walk.worked


def _come_and_go(walk, path, last):
    """Reload; by the sidebar to another page, and back by the browser."""
    walk.page.reload()
    walk.page.get_by_role("heading", name=last).wait_for()
    walk.look("reloaded")
    walk.page.get_by_test_id("stSidebarNav").get_by_role("link").nth(0 if path else 2).click()
    walk.look("by the sidebar to another page")
    walk.page.go_back()
    walk.page.get_by_role("heading", name=last).wait_for()
    walk.look("and back")


@pytest.mark.parametrize(("path", "tab", "button"), QUICK)
def test_a_button_finishes_its_run(chromium, url, path, tab, button):  # noqa: F811
    context = chromium.new_context(viewport=DESK, reduced_motion="reduce")
    walk = Walk(context.new_page(), url, new_token())
    try:
        walk.open(path, "Further reading")
        panel = walk.panel(tab)
        walk.unfold(panel, tab)
        walk.ask(panel, button, SECONDS)
        walk.page.reload()
        walk.page.get_by_role("heading", name="Further reading").wait_for()
        again = walk.panel(tab)
        walk.unfold(again, tab)
        again.locator("[class*=st-key-run-state]").get_by_text("done", exact=True).first.wait_for()
        walk.page.set_viewport_size(PHONE)
        walk.look("on a phone, after a reload")
    finally:
        context.close()
    assert list(walk.found.items()) == []
