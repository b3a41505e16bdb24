"""The counter: speaks GraphQL, decides nothing."""
