"""What replicate i is depends on the seed, the stream and i alone."""

import numpy as np
import pytest

from trialkit.errors import SpecificationError
from trialkit.numerics.permutation import random_subsets
from trialkit.numerics.random_streams import replicate_blocks, seed_number
from trialkit.numerics.resampling import resampled_means, resampled_medians
from trialkit.numerics.sign_flip import random_flips

FEW = np.array([0.3, 1.1, 2.9, 4.2, 4.4, 7.0, 8.8])
MANY = np.random.default_rng(1).normal(size=700)


@pytest.mark.parametrize("values", [FEW, MANY], ids=["few people", "many people"])
@pytest.mark.parametrize("draws", [1, 999, 1000, 1001, 2500])
def test_fewer_draws_are_the_first_of_more(values: np.ndarray, draws: int):
    pairs = [
        (resampled_means(values, draws, 3, 0), resampled_means(values, 4000, 3, 0)),
        (resampled_medians(values, draws, 3, 1), resampled_medians(values, 4000, 3, 1)),
        *zip(
            random_subsets(values[:3], values[3:], draws=draws, seed=3),
            random_subsets(values[:3], values[3:], draws=4000, seed=3),
            strict=True,
        ),
        *zip(
            random_flips(values, draws=draws, seed=3),
            random_flips(values, draws=4000, seed=3),
            strict=True,
        ),
    ]

    for few, many in pairs:
        assert few.shape == (draws,)
        np.testing.assert_array_equal(few, many[:draws])


def test_streams_and_blocks_differ():
    numbers = {
        (seed, stream, part.start): generator.random()
        for seed in (1, 2)
        for stream in (0, 1)
        for part, generator in replicate_blocks(seed, 2000, stream=stream)
    }

    assert len(set(numbers.values())) == len(numbers) == 8


def test_a_generator_gives_up_one_number():
    assert seed_number(np.random.default_rng(5)) == seed_number(np.random.default_rng(5))
    assert seed_number(np.int64(5)) == 5


@pytest.mark.parametrize("seed", [None, -1, 1.5, True, "7"])
def test_what_is_no_seed_is_refused(seed: object):
    with pytest.raises(SpecificationError, match="seed: expected a whole number"):
        seed_number(seed)
