"""What a newcomer is told when the shop is up: who can log in, and how."""

from demo.people import CAST, PASSWORD


def accounts_text() -> str:
    """The demo accounts, a line each, with the password they share."""
    width = max(len(person.email) for person in CAST)
    lines = [f"  {person.email:<{width}}  {_job(person.role, person.department_slug)}" for person in CAST]
    return "\n".join([f"Demo accounts, all with the password {PASSWORD}:", *lines])


def _job(role: str, department: str | None) -> str:
    return f"{role} of {department}" if department else role
