"""Commands for the people who work here."""

import click

from commands.opening import opened
from models.audit_entry import AuditAction
from models.user import Right
from services.accounts import audit
from services.accounts.checking import checked_password
from services.accounts.granting import checked_post
from services.accounts.reading import get_department_by_slug
from services.accounts.registering import open_account


@click.command("create-staff")
@click.option("--email", required=True, help="The address to log in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--department", "departments", multiple=True, help="The slug of a department; may be repeated.")
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Choice([right.value for right in Right]),
    help="What the person may do; may be repeated.",
)
@click.option("--admin", is_flag=True, help="Make an admin, who may do everything, instead.")
@click.password_option(help="8 to 128 characters; asked for when left out.")
def create_staff(
    email: str, name: str, departments: tuple[str, ...], rights: tuple[str, ...], admin: bool, password: str
) -> None:
    """Open an account for somebody who works here."""
    if admin == bool(departments):
        raise click.UsageError("Name the departments of a member of staff, or say --admin.")
    if admin and rights:
        raise click.UsageError("An admin has every right: name none.")
    with opened() as shop:
        password_hash = shop.passwords.hash(checked_password(password, email=email))
        with shop.database.write() as session:
            post = checked_post(
                admin=admin,
                departments=[get_department_by_slug(session, slug).id for slug in departments],
                rights=[Right(right) for right in rights],
            )
            user_id = open_account(
                session,
                name=name,
                email=email,
                password_hash=password_hash,
                role=post.role,
                departments=tuple(sorted(post.departments)),
                rights=tuple(sorted(post.rights)),
            )
            audit.note(session, AuditAction.STAFF_CREATED, user_id, actor_id=None, after=post.as_json())
        click.echo(f"Opened account {user_id} for {email}.")
