"""Few combinations in which every pair of values stands together once."""

from __future__ import annotations

import itertools

Pair = tuple[tuple[str, str], tuple[str, str]]


def pairs_of(combination: dict[str, str]) -> set[Pair]:
    return set(itertools.combinations(sorted(combination.items()), 2))


def pairwise(dimensions: dict[str, list[str]]) -> list[dict[str, str]]:
    """Greedy: each combination begins with a pair that is missing and takes, dimension for
    dimension, the value that adds most."""
    missing: set[Pair] = set()
    for (a, values_a), (b, values_b) in itertools.combinations(sorted(dimensions.items()), 2):
        missing |= {((a, x), (b, y)) for x in values_a for y in values_b}
    found = []
    while missing:
        combination = dict(min(missing))
        for name, values in dimensions.items():
            if name not in combination:
                combination[name] = max(values, key=lambda value: len(
                    pairs_of({**combination, name: value}) & missing))
        missing -= pairs_of(combination)
        found.append(combination)
    return found
