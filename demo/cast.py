"""The cast: five accounts that the documents, the tests and every newcomer use; plain facts, light to import."""

from dataclasses import dataclass
from uuid import UUID

# Printed in the README and on the screen: it opens nothing but demo accounts.
PASSWORD = "Market-Demo-1"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast, with the value of a `models.user.Role`; staff work in `department_slug`, with `rights`."""

    id: UUID
    name: str
    email: str
    role: str
    department_slug: str | None = None
    rights: tuple[str, ...] = ()


_SAM = ("read", "products", "orders")
CAST: tuple[Person, ...] = (
    # The id that the documents of the first API order with.
    Person(UUID("a94102ff-32e3-4240-b251-dd8934065961"), "Alice Moreno", "alice@example.com", "customer"),
    Person(UUID("b0b00000-0000-4000-8000-000000000002"), "Bob Lindqvist", "bob@example.com", "customer"),
    Person(UUID("c4a00000-0000-4000-8000-000000000003"), "Charlie Okafor", "charlie@example.com", "customer"),
    Person(UUID("5a300000-0000-4000-8000-000000000004"), "Sam Patel", "sam@example.com", "staff", "marketplace", _SAM),
    Person(UUID("da9a0000-0000-4000-8000-000000000005"), "Dana Weiss", "dana@example.com", "admin"),
)


def accounts_text() -> str:
    """The accounts for a newcomer, a line each, with the password they share."""
    width = max(len(person.email) for person in CAST)
    lines = [f"  {person.email:<{width}}  {_job(person)}" for person in CAST]
    return "\n".join([f"Demo accounts, all with the password {PASSWORD}:", *lines])


def _job(person: Person) -> str:
    return f"{person.role} of {person.department_slug}" if person.department_slug else person.role
