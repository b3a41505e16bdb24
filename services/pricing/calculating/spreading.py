"""Spreading whole coins over shares, so that not one is lost: by largest remainder."""

from collections.abc import Sequence


def spread(coins: int, weights: Sequence[int]) -> list[int]:
    """The coins in proportion to the weights; they add up to `coins` exactly.

    Each gets the whole part of its share, and those with the largest remainders one coin more, the earlier first among
    equals (Hamilton's method). So nobody gets more than its weight where the coins are no more than all weights
    together. Without any weight nobody gets anything.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    if len(weights) == 1:
        return [coins]
    shares = [coins * weight // whole for weight in weights]
    left = coins - sum(shares)
    if left:
        remainders = [(-(coins * weight % whole), place) for place, weight in enumerate(weights)]
        for _, place in sorted(remainders)[:left]:
            shares[place] += 1
    return shares
