"""When work that comes round by the clock was done last."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class PeriodicRun(Base):
    """The last time something periodic was done to its end, and when that began; without a row it never was."""

    __tablename__ = "periodic_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
