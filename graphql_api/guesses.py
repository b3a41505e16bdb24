"""What guessing at discount codes costs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graphql_api.context import Context
from services.pricing.discounts.codes import MOST_CODES, normalised

# An unknown code counts like so many requests: of the 600 a minute that a caller has by default, that leaves thirty
# guesses. Who mistypes a code does not notice; who tries words, or eight random letters, does not get far in a year.
REQUESTS_PER_GUESS = 20


@dataclass(slots=True)
class Guesses:
    """How many codes turned out to be unknown."""

    made: int = 0


@contextmanager
def counted_guesses(context: Context, codes: Sequence[str], *, told: int = MOST_CODES) -> Iterator[Guesses]:
    """Counts every code as a guess before anybody looks for it, and afterwards gives back those that were none.

    So requests at the same time cannot guess more than the limit allows. `told`: of how many codes the answer can tell
    at most that they are unknown. More codes than there may be are not looked for, and not counted. Whoever looks
    them up says how many were `made`. Refuses (RATE_LIMITED) where there is no room for all of them.
    """
    possible = min(told, len(set(map(normalised, codes)))) if len(codes) <= MOST_CODES else 0
    guesses = Guesses()
    if not possible:
        yield guesses
        return
    give_back = context.limits.reserve(possible * REQUESTS_PER_GUESS)
    try:
        yield guesses
    finally:
        give_back((possible - guesses.made) * REQUESTS_PER_GUESS)
