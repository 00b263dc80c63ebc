"""The exam of the reader that ships: what it must read, its nulls, terminal and page."""

import json

import pytest

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import PlantEduError
from plantedu.topics.generation.regressor_report import METHOD, exam, held_out
from plantedu.topics.generation.results.regressor_report import ReaderResult, Settings
from tests.topics.works import work_of

FAST = Settings(plants=192)


@pytest.fixture(scope="module")
def result(reader):
    return exam(reader, held_out(FAST), FAST)


def test_the_shipped_reader_reads_what_the_lesson_leans_on(result):
    wanted = {"disease": 0.95, "mark": 0.95, "angle": 0.8, "width": 0.8, "chlorophyll": 0.8}
    wanted |= {"light_rgb": 0.8, "light_rgn": 0.8, "soil_rgb": 0.8, "soil_rgn": 0.8, "bend": 0.7}
    for column, least in wanted.items():
        assert result.of(column).score.value > least, column
    assert {one.column for one in result.marks} == set(COLUMNS)


def test_every_mark_stands_beside_the_constant_answer_and_rough_pictures(result):
    for one in result.marks:
        assert one.score.interval[0] <= one.score.value <= one.score.interval[1]
        assert one.score.null == 0 or one.unit == "accuracy"
        assert one.rough <= one.score.value + 0.05
    assert "constant" in result.chart().alt
    ticks = set(result.chart(dark=True).rows["of"].dropna())
    assert ticks == {"best constant answer", "soft and grainy pictures"}


def test_json_terminal_and_page(capsys, result):
    assert ReaderResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    assert METHOD.main(["--plants", "24", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(json.loads(printed[-1])["marks"]) == len(COLUMNS)
    assert ReaderResult.from_json(METHOD.job(work_of({"plants": 24}))).settings.plants == 24


def test_too_few_plants_are_refused():
    with pytest.raises(PlantEduError, match="at least 16 plants; got 3"):
        Settings(plants=3)
