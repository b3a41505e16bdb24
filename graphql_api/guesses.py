"""What guessing at discount codes costs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graphql_api.context import Context
from services.pricing.discounts.codes import MOST_CODES, FoundCodes, well_formed
from web.limiting import Rule

# An unknown code counts like so many requests: of the 600 a minute that a caller has by default, that leaves thirty
# guesses. Who mistypes a code does not notice; who tries words, or eight random letters, does not get far in a year.
REQUESTS_PER_GUESS = 20


@dataclass(slots=True)
class Guesses:
    """How many codes turned out to be unknown, of those of which an answer can tell it."""

    told: int
    made: int = 0

    def looked_up(self, found: FoundCodes) -> None:
        """Whoever looked for the codes says at once what was found: what comes of it may be a refusal of any kind."""
        self.made = max(self.made, min(self.told, len(found.unknown)))


@contextmanager
def counted_guesses(context: Context, codes: Sequence[str], *, told: int = MOST_CODES) -> Iterator[Guesses]:
    """Counts every code as a guess before anybody looks for it, and afterwards gives back those that were none.

    So requests at the same time cannot guess more than the limit allows. Guesses count for the caller's network as
    well, however many accounts come from there. `told`: of how many codes the answer can tell at most that they are
    unknown. Whoever looks them up says so (`looked_up`); codes that nobody looked for were no guesses. Refuses codes
    that are none, and more than there may be (INVALID_INPUT), before anything is counted; and (RATE_LIMITED) where
    there is no room for all of them.
    """
    possible = min(told, len(well_formed(codes)))
    guesses = Guesses(possible)
    if not possible:
        yield guesses
        return
    context.limits.require_room(Rule.CODE, possible)
    give_back = context.limits.reserve(possible * REQUESTS_PER_GUESS)
    try:
        yield guesses
    finally:
        give_back((possible - guesses.made) * REQUESTS_PER_GUESS)
        context.limits.note(Rule.CODE, guesses.made)
