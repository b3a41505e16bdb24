"""Automatic persisted queries, as Apollo's clients use them: a document is sent once, and then named by its hash.

`extensions.persistedQuery = {version: 1, sha256Hash}`, see
https://www.apollographql.com/docs/apollo-server/performance/apq.
A hash without a document that nobody has sent lately is PERSISTED_QUERY_NOT_FOUND, and the client sends both.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from threading import Lock
from typing import Any

from graphql_api.requests import GraphQLRequest
from utils.cache import Cache
from utils.errors import BadRequest, PersistedQueryNotFound

# Longer documents are answered and not remembered: the client sends them whole each time.
LONGEST_REMEMBERED = 8_000
# Remembered in Redis for so long after its last use; and in each process, so many.
REMEMBERED_SECONDS = 600
MOST_KEPT = 500
# Whoever makes up documents to fill our memory is counted so many requests more for each.
COST_OF_A_NEW_ONE = 9
_HASH = re.compile(r"[0-9a-f]{64}")


class PersistedQueries:
    """The documents that clients have sent with their hash, the last ones here, all of them in Redis."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def completed(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with its document.

        Refuses (BAD_REQUEST) a hash that is none or not the document's, and (PERSISTED_QUERY_NOT_FOUND) one that nobody
        has sent lately.
        """
        named = request.extensions.get("persistedQuery")
        if named is None:
            if request.query is None:
                raise BadRequest("`query` must be a string.", field="query")
            return request
        digest = _digest_of(named)
        if request.query is None:
            return replace(request, query=self._document(digest), digest=digest)
        if sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            raise BadRequest("The hash is not that of the document.", field="extensions")
        return replace(request, digest=digest)

    def remember(self, request: GraphQLRequest, *, count: Callable[[int], object]) -> None:
        """Remembers a valid document that came with its hash; `count` counts the requests that a new one stands for."""
        digest, document = request.digest, request.query
        if digest is None or document is None or len(document) > LONGEST_REMEMBERED or digest in self._kept:
            return
        if self._cache.recall(f"q:{digest}") is None:
            count(COST_OF_A_NEW_ONE)
            self._cache.keep(f"q:{digest}", document.encode(), milliseconds=REMEMBERED_SECONDS * 1000)
        self._keep(digest, document)

    def _document(self, digest: str) -> str:
        known = self._kept.get(digest)
        if known is None:
            found = self._cache.recall(f"q:{digest}")
            if found is None:
                # The name by which Apollo's clients know it.
                raise PersistedQueryNotFound("PersistedQueryNotFound")
            known = found.decode()
            self._cache.keep(f"q:{digest}", found, milliseconds=REMEMBERED_SECONDS * 1000)
            self._keep(digest, known)
        return known

    def _keep(self, digest: str, document: str) -> None:
        with self._lock:
            self._kept[digest] = document
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def _digest_of(named: Any) -> str:
    version, digest = (named.get("version"), named.get("sha256Hash")) if isinstance(named, dict) else (None, None)
    if type(version) is not int or version != 1 or not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise BadRequest(
            "`extensions.persistedQuery` has version 1 and the document's SHA-256 in 64 hexadecimal digits.",
            field="extensions",
        )
    return digest
