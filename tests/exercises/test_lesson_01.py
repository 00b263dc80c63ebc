"""Wrong versions of lesson 01's functions, by the name under which a check must know them."""

import numpy as np
import pytest

from plantedu.exercises import check
from plantedu.exercises.lesson_01 import find_leaks, split_by_plants


def of_all_rows(plants, held_out):
    leaked, _ = find_leaks(plants, held_out)
    return leaked, float(np.isin(plants[held_out], leaked).sum() / len(plants))


def of_plants(plants, held_out):
    leaked, _ = find_leaks(plants, held_out)
    return leaked, len(leaked) / len(set(plants))


def with_two_rows(plants, held_out):
    numbers, counts = np.unique(plants, return_counts=True)
    twice = numbers[counts > 1]
    if not held_out.any():
        return twice, 0.0
    return twice, float(np.isin(plants[held_out], twice).mean())


def neighbours(plants, held_out):
    twins = (plants[1:] == plants[:-1]) & (held_out[1:] != held_out[:-1])
    leaked = np.unique(plants[1:][twins])
    if not held_out.any():
        return leaked, 0.0
    return leaked, float(np.isin(plants[held_out], leaked).mean())


def no_rows(plants, held_out):
    leaked = np.intersect1d(plants[held_out], plants[~held_out])
    return leaked, float(np.isin(plants[held_out], leaked).sum() / np.float64(held_out.sum()))


def by_rows(plants, share, rng):
    return rng.permutation(len(plants)) < round(share * len(plants))


def fill_up_rows(plants, share, rng):
    held_out = np.zeros(len(plants), dtype=bool)
    for plant in rng.permutation(np.unique(plants)):
        if held_out.sum() < share * len(plants):
            held_out |= plants == plant
    return held_out


def first_plants(plants, share, rng):
    unique = np.unique(plants)
    return np.isin(plants, unique[: round(share * len(unique))])


def own_generator(plants, share, rng):
    return split_by_plants(plants, share, np.random.default_rng(42))


def keep_output(encoder, run):
    seen = []
    handle = encoder.register_forward_hook(lambda m, i, out: seen.append(out.detach().clone()))
    try:
        run()
    finally:
        handle.remove()
    return seen


def _kept(encoder, run, keep, *, remove=True, always=True):
    seen = []
    handle = encoder.register_forward_pre_hook(lambda m, i: keep(seen, i[0]))
    try:
        run()
    except Exception:
        if always and remove:
            handle.remove()
        raise
    if remove:
        handle.remove()
    return seen


def last_call(encoder, run):
    return _kept(encoder, run, lambda seen, x: seen.__setitem__(slice(None), [x.clone().detach()]))


def reference_only(encoder, run):
    return _kept(encoder, run, lambda seen, x: seen.append(x.detach()))


def with_graph(encoder, run):
    return _kept(encoder, run, lambda seen, x: seen.append(x.clone()))


def stays(encoder, run):
    return _kept(encoder, run, lambda seen, x: seen.append(x.detach().clone()), remove=False)


def stays_after_error(encoder, run):
    return _kept(encoder, run, lambda seen, x: seen.append(x.detach().clone()), always=False)


WRONG = {
    "01.5": {
        "the share is of all rows": of_all_rows,
        "the share is of the plants": of_plants,
        "every plant that has two rows": with_two_rows,
        "neighbouring rows only": neighbours,
        "nothing held out is 0/0": no_rows,
    },
    "01.6": {
        "rows are split, not plants": by_rows,
        "the share is of the rows": fill_up_rows,
        "the first plants are held out": first_plants,
        "a generator of its own": own_generator,
    },
    "01.7": {
        "the output is kept": keep_output,
        "only the last call": last_call,
        "a reference, not a copy": reference_only,
        "the graph is kept": with_graph,
        "the hook stays": stays,
        "the hook stays after an error": stays_after_error,
    },
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key in WRONG for name in WRONG[key]])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name):
    report = check(key, WRONG[key][name])
    assert report.mistakes == (name,), str(report)


def test_a_split_that_is_another_each_time():
    report = check("01.6", lambda p, s, rng: split_by_plants(p, s, np.random.default_rng()))
    assert report.mistakes == ("a generator of its own",)


def test_a_share_of_all_rows_is_known_in_either_way():
    def all_of_leaked(plants, held_out):
        leaked, _ = find_leaks(plants, held_out)
        return leaked, float(np.isin(plants, leaked).sum() / len(plants))

    assert check("01.5", all_of_leaked).mistakes == ("the share is of all rows",)
