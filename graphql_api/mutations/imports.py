"""Mutations of imports, for staff."""

from hashlib import sha256
from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.scalars import Upload
from graphql_api.types.imports import ImportJob, as_job
from models import ImportJob as ImportJobRow
from models.import_job import ImportFormat
from services.accounts.actor import existing_account
from services.catalogue.importing import jobs
from utils.errors import PayloadTooLarge


@strawberry.type
class ImportsMutation:
    """What staff do with files of products."""

    @root_field(
        Permission.PRODUCTS,
        "Hands in a file of products, which the worker takes in: all of it or, unless `partial`, nothing. A line means "
        "the product with its id, else with its SKU, else with its slug; there is none, so it is a new one. Staff "
        "change products of their own departments, admins all. `importJob` tells how far it is. At most "
        f"{jobs.LARGEST_FILE:,} bytes, or UPLOAD_MAX_MEGABYTES (10 unless set) if that is less, and "
        f"{jobs.MOST_RECORDS:,} products; docs/import.md has the columns. {ONCE}",
    )
    def import_products(
        self,
        info: Info,
        file: Annotated[Upload, argument(description="The file, in UTF-8.")],
        format: Annotated[ImportFormat, argument(description="How it is written.")],
        dry_run: Annotated[bool, argument(description="Only tell what would be, and change nothing.")] = False,
        partial: Annotated[bool, argument(description="Keep the good lines when others are refused.")] = False,
    ) -> ImportJob | None:
        """Answers with a fresh read."""
        context, actor = info.context, info.context.actor
        context.close()  # the connection is not held while the file is read
        if file.byte_count > jobs.LARGEST_FILE:
            raise PayloadTooLarge(f"A file of products has at most {jobs.LARGEST_FILE} bytes.", field="file")
        file.file.seek(0)
        source = file.file.read(jobs.LARGEST_FILE)
        asked = {"format": format.value, "dry_run": dry_run, "partial": partial}
        with existing_account(), context.database.write() as session:
            job_id = made_once(
                info,
                session,
                {"file": sha256(source).hexdigest(), **asked},
                lambda: jobs.want_import(
                    session, source, file_format=format, dry_run=dry_run, partial=partial, actor=actor
                ),
                of=ImportJobRow,
            )
        found = jobs.find_job(context.fresh_session(), job_id, actor=actor)
        return None if found is None else as_job(found)
