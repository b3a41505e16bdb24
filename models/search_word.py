"""The words of the catalogue, and each with one letter left out: so a word with one fault in it is found."""

from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class SearchWord(Base):
    """A word of some product's name, brand or tags: lower case, without accents."""

    __tablename__ = "search_words"

    word: Mapped[str] = mapped_column(TEXT(collation="C"), primary_key=True)


class SearchWordVariant(Base):
    """A word as it stands (`variant` = `word`), of four letters or more, or of five or more with one left out."""

    __tablename__ = "search_word_variants"

    variant: Mapped[str] = mapped_column(TEXT(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(TEXT(collation="C"), primary_key=True)
