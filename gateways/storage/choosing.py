"""Which storage the settings ask for."""

from gateways.storage.local import LocalStorage
from gateways.storage.storage import Storage
from utils.config import Settings


def storage_of(settings: Settings) -> Storage:
    """The storage of FILE_STORAGE_PROVIDER; there is one, a folder."""
    return {"local": LocalStorage}[settings.file_storage_provider](settings.file_storage_dir)
