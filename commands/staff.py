"""Commands for the people who work here."""

import click

from commands.opening import opened
from models.user import Role
from services.accounts.reading import get_department_by_slug
from services.accounts.registering import checked_password, register


@click.command("create-staff")
@click.option("--email", required=True, help="The address to log in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--department", "departments", multiple=True, help="The slug of a department; may be repeated.")
@click.option("--admin", is_flag=True, help="Make an admin, who may do everything, instead.")
@click.password_option(help="8 to 128 characters; asked for when left out.")
def create_staff(email: str, name: str, departments: tuple[str, ...], admin: bool, password: str) -> None:
    """Open an account for somebody who works here."""
    if admin == bool(departments):
        raise click.UsageError("Name the departments of a member of staff, or say --admin.")
    with opened() as shop:
        password_hash = shop.passwords.hash(checked_password(password))
        with shop.database.write() as session:
            user_id = register(
                session,
                name=name,
                email=email,
                password_hash=password_hash,
                role=Role.ADMIN if admin else Role.STAFF,
                departments=tuple(get_department_by_slug(session, slug).id for slug in departments),
            )
        click.echo(f"Opened account {user_id} for {email}.")
