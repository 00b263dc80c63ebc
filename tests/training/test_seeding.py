"""Draws depend on seed, purpose and step, and on nothing that was drawn before."""

import torch

from plantedu.training.seeding import generator_for, numpy_generator_for


def test_same_words_same_draws_whatever_came_before():
    first = torch.rand(4, generator=generator_for(0, "crops", 7))
    torch.rand(100, generator=generator_for(0, "crops", 6))
    assert torch.equal(first, torch.rand(4, generator=generator_for(0, "crops", 7)))


def test_seed_purpose_and_step_each_matter():
    draws = {
        float(numpy_generator_for(*words).random())
        for words in [(0, "crops", 1), (1, "crops", 1), (0, "order", 1), (0, "crops", 2)]
    }
    assert len(draws) == 4
