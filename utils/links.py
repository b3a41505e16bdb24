"""Signs the ids that links in mails carry, so that nobody can make one up."""

from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from utils.errors import LinkInvalid
from utils.ids import find_id

_LONGEST = 300


class Links:
    """Signs with the current secret, and reads what that one or an earlier one signed.

    A token says only for what it is and which row it stands for; the row says until when, for whom and whether it
    was used. So who reads the database cannot make a link, and who reads an old mail cannot use it twice.
    """

    def __init__(self, *, secret: str, previous: tuple[str, ...] = ()) -> None:
        # The library signs with the last key and reads with all of them.
        self._keys = [*previous, secret]

    def sign(self, purpose: str, row_id: UUID) -> str:
        """The token for this row, good for this purpose only."""
        return str(self._serializer(purpose).dumps(str(row_id)))

    def read(self, purpose: str, token: str) -> UUID:
        """The row's id. Refuses (LINK_INVALID) whatever we did not sign for this purpose."""
        try:
            said = self._serializer(purpose).loads(token) if len(token) <= _LONGEST else None
        except (BadData, ValueError, RecursionError):
            said = None
        row_id = find_id(said) if isinstance(said, str) else None
        if row_id is None:
            raise LinkInvalid("This link is not valid any more. Ask for a new one.")
        return row_id

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=f"link:{purpose}")
