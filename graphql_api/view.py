"""The door to the schema: GraphQL over HTTP, in one Flask view."""

from collections.abc import Callable
from typing import Any

import orjson
import structlog
from flask import Request, Response, request
from graphql import ExecutionResult, GraphQLSchema, execute_sync
from graphql.execution import Executor

from graphql_api import requests, uploads
from graphql_api.context import Context
from graphql_api.documents import Documents, Invalid
from graphql_api.errors import as_answer, formatted, internal
from graphql_api.execution import PlainFieldExecutor
from graphql_api.limits import Budget
from graphql_api.persisted import PersistedQueries
from graphql_api.requests import GRAPHQL_JSON, GraphQLRequest
from utils import log as request_log
from utils.errors import BadRequest, DomainError, ErrorCode, MethodNotAllowed, QueryTooComplex
from web.answering import HEADERS, SEALED
from web.callers import bearer_token, device_of
from web.headers import retry_header
from web.limiting import Limits
from wiring import Shop

log = structlog.get_logger(__name__)


class GraphQLView:
    """Answers POST and GET at /graphql: one operation or a batch, and a page for browsers."""

    def __init__(
        self,
        shop: Shop,
        schema: GraphQLSchema,
        *,
        page: Callable[[], Response],
        limits: Limits,
        executor: type[Executor[Any]] = PlainFieldExecutor,
    ) -> None:
        self._shop = shop
        self._schema = schema
        self._documents = Documents(schema)
        self._persisted = PersistedQueries(shop.cache)
        self._page = page
        self._limits = limits
        self._executor = executor

    def __call__(self) -> Response:
        """Answers the current request; whatever happens, in the form the caller takes, with a request id."""
        request_id, answer_as, more = request_log.request_id() or "", requests.JSON, {}
        budget = Budget()
        try:
            if request.method != "POST" and requests.wants_page(request.headers.get("Accept")):
                return self._page()
            answer_as = requests.answer_type(request)
            status, body = self._answer(request, request_id, answer_as, budget)
            written = orjson.dumps(body)
            budget.check_answer(len(written))
        except DomainError as refusal:
            status, written = refusal.http_status, orjson.dumps(as_answer(refusal, request_id))
            request.environ.pop(SEALED, None)
            more = retry_header(refusal)
        except Exception as fault:
            log.exception("a request failed", request_id=request_id)
            told = internal(request_id, fault if self._shop.settings.debug else None)
            status, written = 500, orjson.dumps({"errors": [told]})
            request.environ.pop(SEALED, None)
        content_type = f"{answer_as}; charset=utf-8"
        response = Response(written, status=status, headers=more, content_type=content_type)
        response.headers.update(HEADERS["POST" if request.method == "POST" else "GET"])
        if status == 405:
            response.headers["Allow"] = "POST"
        return response

    def _answer(self, incoming: Request, request_id: str, answer_as: str, budget: Budget) -> tuple[int, Any]:
        self._limits.count()
        if incoming.method != "POST":
            return self._run(requests.from_url(incoming), incoming, request_id, answer_as, budget)
        if uploads.is_multipart(incoming):
            return self._run_with_files(incoming, request_id, answer_as, budget)
        sent = requests.from_body(incoming)
        if isinstance(sent, GraphQLRequest):
            return self._run(sent, incoming, request_id, answer_as, budget)
        if len(sent) > 1:
            self._limits.count(len(sent) - 1)  # a batch is as many requests as it has operations
        answers = [self._run_in_batch(each, incoming, request_id, budget) for each in sent]
        incoming.environ.pop(SEALED, None)  # a batch is one answer, and none of its operations'
        return 200, answers

    def _run_with_files(self, incoming: Request, request_id: str, answer_as: str, budget: Budget) -> tuple[int, Any]:
        largest = self._shop.settings.upload_max_megabytes * uploads.MEGABYTE
        sent = uploads.from_multipart(incoming, tokens=self._shop.tokens, largest_file=largest)
        try:
            return self._run(sent, incoming, request_id, answer_as, budget)
        finally:
            for file in sent.files:
                file.close()

    def _run_in_batch(self, operation: GraphQLRequest, incoming: Request, request_id: str, budget: Budget) -> Any:
        try:
            return self._run(operation, incoming, request_id, requests.JSON, budget)[1]
        except DomainError as refusal:
            return as_answer(refusal, request_id)

    def _run(
        self, operation: GraphQLRequest, incoming: Request, request_id: str, answer_as: str, budget: Budget
    ) -> tuple[int, dict[str, Any]]:
        """The status and the body. A request error has no `data`: 400, but 200 for callers of plain JSON (as the
        specification has it for servers of the days before the newer type)."""
        refused = 400 if answer_as == GRAPHQL_JSON else 200
        operation = self._persisted.completed(operation)
        try:
            document = self._documents.get(operation.query or "")
        except Invalid as invalid:
            code = ErrorCode.GRAPHQL_VALIDATION_FAILED if invalid.parsed else ErrorCode.GRAPHQL_PARSE_FAILED
            return refused, {"errors": formatted(invalid.errors, request_id, otherwise=code)}
        if incoming.method != "POST" and document.has_mutation(operation.operation_name):
            raise MethodNotAllowed("A mutation is sent by POST.")
        if operation.files and not document.has_mutation(operation.operation_name):
            raise BadRequest("Files come with a mutation.")
        self._persisted.remember(operation, count=self._limits.count)
        cost = document.cost_with(operation.variables)
        budget.spend(cost)
        if cost.mutations > 1:
            self._limits.count(cost.mutations - 1)  # ten things to do are ten requests, however they are sent
        context = Context(
            self._shop,
            token=bearer_token(incoming),
            idempotency_key=incoming.headers.get("Idempotency-Key"),
            request_id=request_id,
            device=device_of(incoming),
            limits=self._limits,
            region=incoming.headers.get("X-Region"),
        )
        try:
            result = self._execute(operation, document.node, context)
        finally:
            context.close()
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = formatted(
                result.errors, request_id, otherwise=ErrorCode.INVALID_INPUT, debug=self._shop.settings.debug
            )
            if result.data is None and not any(error.path for error in result.errors):
                return refused, body
        elif document.is_shared(operation.operation_name):
            incoming.environ[SEALED] = context.sealed
        body["data"] = result.data
        return 200, body

    def _execute(self, operation: GraphQLRequest, document: Any, context: Context) -> ExecutionResult:
        try:
            return execute_sync(
                self._schema,
                document,
                context_value=context,
                variable_values=operation.variables,
                operation_name=operation.operation_name,
                executor_class=self._executor,
            )
        except RecursionError:
            raise QueryTooComplex("The variables are nested too deep.") from None
