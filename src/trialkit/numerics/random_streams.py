"""Random streams keyed by the replicate, so that no split of the work can change a result."""

from collections.abc import Iterator

import numpy as np

from trialkit.errors import SpecificationError

# Replicates that share one generator. A constant of the method: another size, other numbers.
REPLICATES_A_BLOCK = 1000
# People whose numbers a block draws at once, which bounds its memory however many there are. As
# above: another size, other numbers.
PEOPLE_AT_ONCE = 256

Seed = int | np.random.Generator


def replicate_blocks(
    seed: Seed, draws: int, *, stream: int = 0
) -> Iterator[tuple[slice, np.random.Generator]]:
    """Yield slices of the replicates 0 to draws - 1, each with a generator of its own.

    Replicate i belongs to block i // 1000, whose generator (PCG64) is seeded by NumPy's
    SeedSequence from ``seed`` with the key (stream, block). A caller draws a whole block and
    keeps what the slice asks for, so that the numbers of replicate i depend on the seed,
    the stream and i alone, not on how many replicates there are, in which order the blocks
    are worked off, or by how many workers.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        Not negative. A generator gives up one number, which becomes the seed.
    draws : int
        Number of replicates.
    stream : int
        Tells apart what one analysis draws, such as its samples.

    Raises
    ------
    SpecificationError
        If the seed is missing or negative, or the draws are not a whole number from 1 on.

    Examples
    --------
    >>> [part.stop for part, _ in replicate_blocks(7, 2500)]
    [1000, 2000, 2500]
    """
    entropy = seed_number(seed)
    draws = whole_draws(draws)
    for block, start in enumerate(range(0, draws, REPLICATES_A_BLOCK)):
        sequence = np.random.SeedSequence(entropy, spawn_key=(stream, block))
        yield (
            slice(start, min(start + REPLICATES_A_BLOCK, draws)),
            np.random.default_rng(sequence),
        )


def whole_draws(draws: int, *, at_least: int = 1) -> int:
    """Return a number of draws, or refuse what is none: 1000.0 and "1000" are none.

    A verb asks this at once, so that a bad number is refused even where nothing is drawn.

    >>> whole_draws(999)
    999
    """
    is_whole = isinstance(draws, int | np.integer) and not isinstance(draws, bool)
    if not is_whole or draws < at_least:
        raise SpecificationError(
            f"draws: expected a whole number of at least {at_least}, found {draws!r}"
        )
    return int(draws)


def people_at_once(people: int) -> Iterator[slice]:
    """Yield slices of the people 0 to people - 1, for whom a block draws at once.

    >>> [part.stop for part in people_at_once(600)]
    [256, 512, 600]
    """
    for start in range(0, people, PEOPLE_AT_ONCE):
        yield slice(start, min(start + PEOPLE_AT_ONCE, people))


def optional_seed_number(seed: Seed | None) -> int | None:
    """Return a seed as an integer where one is given: a draw may turn out to need none."""
    return None if seed is None else seed_number(seed)


def seed_number(seed: Seed | None) -> int:
    """Return a seed as an integer; a generator gives up one number.

    >>> seed_number(20181114)
    20181114
    """
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SpecificationError(
            "seed: expected a whole number from 0 on (or a numpy Generator), so that the random "
            f"draws can be repeated, found {seed!r}"
        )
    return int(seed)
