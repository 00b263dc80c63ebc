"""What the jobs that train say; that they train is in the tests of their commands and workers."""

from types import SimpleNamespace

from plantedu.jobs.trainings import between, events_of, last_values
from plantedu.store.run import Metric


def test_an_interval_of_learning_rates_in_words():
    assert between(None) == ""
    assert between((0.001, 0.25)) == " [0.001, 0.25]"


def test_events_of_a_finder_stand_at_their_iterations_in_order():
    one = SimpleNamespace(value=0.01, interval=(0.001, 0.1))
    finder = SimpleNamespace(place=lambda rate: 40)
    band = SimpleNamespace(switches=[(60, "queue on"), (20, "queue off")], found={"steep": one})
    events = events_of(finder, band)
    assert [step for step, *_ in events] == [20, 40, 60]
    assert events[1] == (40, "suggestion steep", "0.01 [0.001, 0.1]")


def test_the_last_values_have_their_band_where_there_is_one(store):
    run = store.submit("ping", {"steps": 1, "seconds": 0}, lane="analysis")
    store.log(run, [Metric(0, "loss", 2.0), Metric(5, "loss", 1.0)], step=5)
    store.log(run, [Metric(5, "disease", 0.9, 0.8, 1.0)], step=5)
    assert last_values(store, run) == {"loss": 1.0, "disease": [0.9, 0.8, 1.0]}
