"""Settings of files: where what people upload is kept, and how large it may be."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from utils.config_fields import whole


class FilesSettings(BaseSettings):
    """What concerns uploaded files."""

    file_storage_provider: Literal["local"] = Field("local", description="local")
    own_file_storage_dir: Path | None = Field(None, validation_alias="file_storage_dir", description="a folder")
    upload_max_megabytes: int = whole(10, 1, 100)
