"""The registry of methods: each is there, under one name and one kind."""

from importlib import import_module
from pathlib import Path

import pytest

import plantedu
from plantedu.topics.methods import METHODS, TOPICS, of_kind, of_words, words_of_kind


@pytest.mark.parametrize("one", METHODS, ids=lambda one: one.words)
def test_a_method_is_where_the_registry_says(one):
    module = import_module(one.module)
    assert callable(module.METHOD.run if hasattr(module, "METHOD") else module.main)
    assert of_kind(one.kind) is one
    assert of_words(one.topic, one.name) is one


def test_no_two_methods_share_a_kind_or_a_name():
    assert len({one.kind for one in METHODS}) == len(METHODS)
    assert len({one.words for one in METHODS}) == len(METHODS)


def test_every_topic_is_a_folder_and_every_folder_a_topic():
    folder = Path(plantedu.__file__).parent / "topics"
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(TOPICS)
    assert {one.topic for one in METHODS} == set(TOPICS)


def test_the_words_of_a_kind():
    assert words_of_kind("rulers") == "bump objectives"
    assert words_of_kind("report_card") == "report-card"
    assert words_of_kind("train") == "train"
    assert of_kind("nothing") is None
    assert of_words("bump", "nothing") is None
