"""Commands for the GraphQL schema."""

from pathlib import Path

import click

from graphql_api.schema import as_text

SCHEMA_FILE = Path(__file__).resolve().parent.parent / "graphql_api" / "schema.graphql"


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit status 1 when the committed file is out of date.")
def schema(check: bool) -> None:
    """Write the schema to graphql_api/schema.graphql."""
    text = as_text()
    if check:
        if not SCHEMA_FILE.is_file() or SCHEMA_FILE.read_text() != text:
            raise click.ClickException("graphql_api/schema.graphql is out of date: run `python manage.py schema`.")
        return
    SCHEMA_FILE.write_text(text)
