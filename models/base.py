"""The common ground of all tables: names of constraints, ids, times."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, MetaData, Numeric, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from utils import clock
from utils.ids import new_id


class Base(DeclarativeBase):
    """The registry of all tables; constraint names follow one pattern so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True), Decimal: Numeric(14, 3)}


# A key made by the program (UUIDv7), known before the row is written.
Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
# A key made by the database, for rows that nobody names from outside.
Serial = Annotated[int, mapped_column(BigInteger, primary_key=True)]
# When the row was made, by the program's clock.
Created = Annotated[datetime, mapped_column(default=clock.now)]
