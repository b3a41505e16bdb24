"""Settings of accounts: how tokens are signed, how long they last, and what an unproven address may do."""

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from utils.config_fields import secret, split, whole

# Long enough for each algorithm, and known to everybody who reads this line: production refuses it.
DEVELOPMENT_SECRET = "for-development-only-never-in-production-because-everybody-knows-it"  # noqa: S105
EXAMPLE_SECRET = "replace-with-a-long-random-string"  # noqa: S105 - what the example file shows
# RFC 7518, 3.2: a key at least as long as the hash's output.
SECRET_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}


class PeopleSettings(BaseSettings):
    """What concerns the people who log in."""

    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field("HS256", description="HS256, HS384, HS512")
    jwt_secret: str = secret("a long random string", DEVELOPMENT_SECRET)
    jwt_previous_secrets: Annotated[tuple[str, ...], NoDecode] = secret("secrets with commas between them", ())
    access_token_expire_minutes: int = whole(30, 1, 10_080)
    refresh_token_expire_minutes: int = whole(10_080, 1, 43_200)
    email_verification_required: bool | None = Field(None, description="true or false")

    @field_validator("jwt_previous_secrets", mode="before")
    @classmethod
    def _secrets(cls, value: object) -> object:
        return split(value)
