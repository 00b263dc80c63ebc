"""A learner with a record: answers, claims, and two runs that can be made again."""

from pathlib import Path

import pytest

from plantedu.course.answers import Context, settle
from plantedu.course.claims import Claims
from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.progress import Progress
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.store.store import Store

LESSONS = Path(__file__).parents[3] / "lessons"
RESULTS = LESSONS / "results"
COURSE = lessons_in(LESSONS)
CARD = {"worlds": 1, "seed": 7, "methods": ["PGD", "share settled"]}


@pytest.fixture
def store(plantedu_home):
    store = Store(plantedu_home / "plantedu.sqlite")
    yield store
    store.close()


@pytest.fixture
def token():
    return new_token()


def fill(store: Store, token: str) -> None:
    """What a learner has done, without runs."""
    made = Predictions(store.path)
    for lesson in COURSE[:3]:
        for k, asked in enumerate(lesson.predictions):
            made.commit(token, lesson.stem, asked, asked.keys[0], 0.6 + 0.1 * (k % 3))
            if k:
                answer = settle(asked, Context(RESULTS)).key
                made.reveal(token, lesson.stem, asked.id, answer)
    Claims(store.path).make(
        *(token, "08_attacks", "Both sensors at once are fooled together."),
        *("results/08_attacks.json#/both_at_4", "Another seed on which they stand."),
        results=RESULTS,
    )
    Progress(store.path).solved(token, "06_similarity", "06.2")


@pytest.fixture
def record(store, token):
    """The store of a learner who has done something."""
    fill(store, token)
    return store


@pytest.fixture(scope="session")
def token_and_zip(tmp_path_factory):
    """A token, and the bytes of its report; made once."""
    store, token = Store(tmp_path_factory.mktemp("report") / "s.sqlite"), new_token()
    fill(store, token)
    data = pack(learner_record(token, store.path, store), COURSE, RESULTS)
    store.close()
    return token, data


@pytest.fixture
def zipped(token_and_zip):
    """The bytes of the learner's report."""
    return token_and_zip[1]
