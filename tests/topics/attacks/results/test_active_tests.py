"""Active tests: the recorded result is read and drawn; mistakes are sentences."""

import json

import pytest

from plantedu.course.family import read_results
from plantedu.errors import PlantEduError
from plantedu.shipped_files import results
from plantedu.topics.attacks.results.active_tests import ActiveResult, Settings


def test_the_recorded_result_is_read_by_the_class_that_wrote_it():
    found = read_results(results(), "08_active")
    found.pop("command")
    read = ActiveResult.from_json(found)
    assert json.loads(json.dumps(read.as_json())) == found
    assert "random pictures" in read.chart().alt


def test_unknown_words_are_refused():
    with pytest.raises(PlantEduError, match="alexnet"):
        Settings(network="alexnet")
