"""Exercises in code on a page: stub, commands, what is solved. A page runs none of them."""

import pytest

from app import session
from plantedu.course.progress import Progress
from plantedu.exercises.outline import outline, outlines
from tests.app.conftest import text_of
from tests.test_house import ROOT, imports, is_within, modules

LESSON = session.lesson("02_training")


def code_of(app) -> str:
    return "\n".join(block.value for block in app.code)


def test_a_page_shows_stub_command_and_progress(open_page, token):
    app = open_page("02_training")
    words, code = text_of(app), code_of(app)
    for one in outlines("02"):
        assert f"**{one.key} {one.title}**" in words
        assert one.stub.strip() in code.replace("\r", "")
        assert f"python -m plantedu exercise check {one.key}" in code
        assert one.solution not in code
    assert "**02.5 Sinkhorn's codes** · :material/check: solved" not in words
    Progress().solved(token, "02_training", "02.5")
    words = text_of(open_page("02_training"))
    assert "**02.5 Sinkhorn's codes** · :material/check: solved" in words
    assert f"1 of {len(LESSON.tasks)} exercises" in text_of(open_page())


@pytest.mark.parametrize(("hosted", "said"), [("0", "on this machine"), ("1", "is kept there")])
def test_a_page_says_where_code_runs(open_page, monkeypatch, hosted, said):
    monkeypatch.setenv("PLANTEDU_HOSTED", hosted)
    words = text_of(open_page("02_training"))
    assert "terminal or a notebook of your own" in words
    assert said in words


def test_no_page_and_no_job_can_run_a_learner_s_code():
    """The app reads outlines, which are words; what runs code is out of its reach."""
    known = modules(ROOT)
    runs = [
        f"{name} imports {other}"
        for name in known
        if is_within(name, "app") or is_within(name, "plantedu.jobs")
        for other in imports(name, known)
        if is_within(other, "plantedu.exercises") and other != "plantedu.exercises.outline"
    ]
    assert runs == []
    assert "plantedu.exercises.outline" in imports("app.written", known)
    assert outline("02.5").stub
