"""Imports of products as the schema shows them."""

from datetime import datetime
from typing import Annotated, Any, cast

import strawberry
from strawberry import argument

from graphql_api.fields import describe_enum, described, reading
from graphql_api.types.refusals import ErrorCode
from models.import_job import ImportFormat, ImportStatus
from services.catalogue.importing.faults import MOST_KEPT
from utils.errors import InvalidInput

describe_enum(
    ImportFormat,
    description="How a file of products is written; docs/import.md has the columns.",
    each={
        ImportFormat.CSV: "Comma-separated values in UTF-8 (RFC 4180), with a line of column names first.",
        ImportFormat.JSONL: "JSON Lines in UTF-8: one object in each line.",
    },
)
describe_enum(
    ImportStatus,
    description="Where an import stands.",
    each={
        ImportStatus.WAITING: "The worker has not begun yet.",
        ImportStatus.RUNNING: "The worker reads the file, and changes nothing before all of it is read; or it has "
        "written what the file says, and some may still be shown what was before.",
        ImportStatus.DONE: "It ended, and whoever asks now is shown what it made; the counts say how much that is.",
        ImportStatus.REFUSED: "Something in the file was refused, and so nothing was changed.",
        ImportStatus.FAILED: "A fault of ours ended it, or nobody could carry it out for a day; nothing was changed.",
    },
)


@strawberry.type(description="Something that is wrong in a file of products.")
class ImportFault:
    """A fault; its source is what is kept with the job."""

    line: int = described("The line of the file, from 1; 0 for the whole job.")
    field: str | None = described("The column it is about, if it is one.")
    code: ErrorCode = described("What kind of refusal it is.")
    message: str = described("The refusal in words.")


@strawberry.type(description="A file of products that the worker takes in, or has taken in.")
class ImportJob:
    """A job; its source is the table's row without the file."""

    id: strawberry.ID = described("The job's id.")
    format: ImportFormat = described("How the file is written.")
    dry_run: bool = reading("is_dry_run", bool, "Whether it only tells what would be.")
    partial: bool = reading("is_partial", bool, "Whether good lines are kept when others are refused.")
    status: ImportStatus = described("Where it stands.")
    created_at: datetime = described("When the file was handed in.")
    started_at: datetime | None = described("When the worker last began with it.")
    finished_at: datetime | None = described("When it ended.")
    lines: int = described("How many products of the file are read.")
    created: int = described("How many products were made; of a dry run, would be.")
    updated: int = described("How many products were changed; of a dry run, would be.")
    unchanged: int = described("How many products were already as the file has them.")
    refused: int = described("How many products of the file were refused.")

    @strawberry.field(description=f"What is wrong, by line; of very many faults the first {MOST_KEPT} are kept.")
    def errors(
        root: strawberry.Parent[Any],
        first: Annotated[int, argument(description=f"How many, from 1 to {MOST_KEPT}.")] = 100,
    ) -> list[ImportFault]:
        """The first of those that are kept."""
        if not 1 <= first <= MOST_KEPT:
            raise InvalidInput(f"first must be from 1 to {MOST_KEPT}.", field="first")
        return [
            ImportFault(
                line=fault["line"], field=fault["field"], code=ErrorCode(fault["code"]), message=fault["message"]
            )
            for fault in root.errors[:first]
        ]


def as_job(row: Any) -> ImportJob:
    """The row as a source of the type."""
    return cast("ImportJob", row)
