"""What guessing at discount codes costs."""

from graphql_api.context import Context

# An unknown code counts like so many requests: of the 600 a minute that a caller has by default, that leaves thirty
# guesses. Who mistypes a code does not notice; who tries words, or eight random letters, does not get far in a year.
REQUESTS_PER_GUESS = 20


def count_guesses(context: Context, guesses: int) -> None:
    """Counts so many unknown codes against the caller's limit. Refuses (RATE_LIMITED) beyond it."""
    if guesses:
        context.limits.count(guesses * REQUESTS_PER_GUESS)
