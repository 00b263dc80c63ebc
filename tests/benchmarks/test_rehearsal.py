"""What a rehearsal tells of waits, and what its learners hear from a page."""

import asyncio

import pytest
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.half_day import ScheduleRow
from benchmarks.half_day_deeds import kept_answer
from benchmarks.learners import Learner
from benchmarks.live_page import ROOT
from benchmarks.page_seen import TABS
from benchmarks.person import Day, Person, Wait
from benchmarks.rehearsal import LOCKED, longest_waits, shown_by
from plantedu.course.lessons import lessons_in

ROWS = [
    ScheduleRow(5, "01_pairs", "wall: question 1", ("lock",), "a"),
    ScheduleRow(5, "03_bump", "", ()),
]


def test_waits_of_the_outage_stand_apart_and_long_ones_are_counted():
    waits = [Wait(0, "lock", 0.2), Wait(0, "lock", 61.0), Wait(1, "five cases", 3.0)]
    waits.append(Wait(0, "lock", 90.0, cut=True))
    found = longest_waits(waits, ROWS)
    assert found["waits"] == 3
    assert found["waits above 60 s"] == 1
    assert found["longest wait of a deed"] == {
        "lock": "61.0 s, 01_pairs",
        "five cases": "3.0 s, 03_bump",
    }
    assert (found["cut off by the kill"], found["back after at most"]) == (1, 90.0)


@pytest.mark.parametrize("text", ["**23 of 30 locked**", "23 of 30 locked"])
def test_the_count_on_the_wall_is_found(text):
    assert LOCKED.search(text).groups() == ("23", "30")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Question 4 of 30 locked", "4 of 30 locked"),
        ("Right: x **4 of 30 locked** Shares of the 3", "4 of 30 locked, votes, answer"),
        ("Class ABC<style>.a { b }\n</style>  plantedu", "Class ABC plantedu"),
    ],
)
def test_what_the_wall_shows_is_told_in_short(text, shown):
    assert shown_by(text) == shown


def test_parts_that_a_whole_run_does_not_draw_again_are_not_asked_for(learner):
    """The server is silent about them: a learner who waits for an answer stands for a minute."""
    learner.repeats["gone"] = (0.0, 1.0)
    message = ForwardMsg()
    message.script_finished = 2
    assert not learner._take(message)
    assert learner.repeats == {}


def test_an_answer_that_was_kept_before_the_server_ended_counts_as_told(learner):
    course = {one.stem: one for one in lessons_in(ROOT / "lessons")}
    asked = course["01_pairs"].predictions[0]
    who = Person(0, learner, Day(course))
    row = ScheduleRow(5, "01_pairs", "", ("lock",), asked.id)
    assert kept_answer(who, row) is None
    learner.words.append(f":material/lock: You said: *{asked.options[1][1]}* (50% sure)")
    assert kept_answer(who, row) == 1


@pytest.fixture
def learner():
    one = Learner("http://127.0.0.1:1", token="t" * 22)
    for kind, label in (("selectbox", "World"), ("slider", "do(mesophyll): scattering")):
        element = Element()
        getattr(element, kind).id = f"id {label}"
        getattr(element, kind).label = label
        one.see(element)
    tabs = Block()
    tabs.tab_container.id = "id tabs"
    one.see_block(tabs)
    return one


def test_widgets_are_set_by_what_their_labels_begin_with(learner):
    assert learner.fill("World", "field")
    assert learner.fill("do(mesophyll)", 1.5)
    assert learner.fill(TABS, "Partners")
    assert not learner.fill("Plant", 3.0)
    sent = {one.id: one for one in learner.values.values()}
    assert sent["id World"].string_value == "field"
    assert list(sent["id do(mesophyll): scattering"].double_array_value.data) == [1.5]
    assert sent["id tabs"].string_value == "Partners"


def test_what_a_page_does_not_offer_is_counted(learner):
    day = Day({})
    who = Person(0, learner, day)

    async def nothing():
        return False

    assert asyncio.run(who.want(nothing(), "button Fork")) is False
    assert day.missing == {"button Fork": 1}


def test_a_deed_that_the_server_cuts_off_is_done_again_and_the_outage_is_a_wait(
    learner, monkeypatch
):
    tries = []

    async def deed(who, row):
        tries.append(row)
        if len(tries) == 1:
            raise ConnectionResetError

    async def back(self):
        return 2.5

    monkeypatch.setattr(Person, "back", back)
    who = Person(0, learner, Day({}))
    asyncio.run(who.steadily(4, "x", ROWS[0], deed))
    assert len(tries) == 2
    assert who.waits == [Wait(4, "x", 2.5, cut=True), Wait(4, "x", 0.0)]
