"""Queries of discounts, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading_discounts import note_discounts
from graphql_api.pagination import After, First
from graphql_api.permissions import Permission
from graphql_api.types.discount_kinds import DiscountClass, DiscountKind
from graphql_api.types.discounts import Discount, DiscountConnection, as_discount
from services.pricing.discounts.reading import DiscountFilter, DiscountQuery, find_discount, list_discounts
from utils.ids import find_id


@strawberry.input(name="DiscountFilter", description="Which discounts; every condition given must hold.")
class DiscountFilterInput:
    """Conditions of the list."""

    active: bool | None = strawberry.field(default=None, description="Only those that are switched on, or off.")
    kind: DiscountKind | None = strawberry.field(default=None, description="Only those of this kind.")
    applies_to: DiscountClass | None = strawberry.field(default=None, description="Only those that take from this.")
    needs_code: bool | None = strawberry.field(default=None, description="Only those that need a code, or need none.")
    term: str | None = strawberry.field(
        default=None, description="Only those with this in their name, in any case, or with this as a code."
    )

    def chosen(self) -> DiscountFilter:
        """The same for the service."""
        return DiscountFilter(
            active=self.active,
            kind=self.kind,
            applies_to=self.applies_to,
            needs_code=self.needs_code,
            term=self.term,
        )


@strawberry.type
class DiscountsQuery:
    """What staff ask about discounts."""

    @root_field(
        Permission.DISCOUNTS,
        "Discounts, the newest first, page by page, whoever's goods they are about.",
    )
    def discounts(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: Annotated[DiscountFilterInput | None, argument(description="Which of them.")] = None,
    ) -> DiscountConnection | None:
        """Relay's list."""
        chosen = DiscountFilter() if filter is None else filter.chosen()
        query = DiscountQuery(first, after, chosen)
        page = list_discounts(info.context.session, query)
        note_discounts(info.context, page.discounts)
        return DiscountConnection(page=page, query=query)

    @root_field(Permission.DISCOUNTS, "The discount with this id, or null.")
    def discount(self, info: Info, id: Annotated[str, argument(description="The discount's id.")]) -> Discount | None:
        """What is no id finds nothing."""
        wanted = find_id(id)
        return as_discount(info, None if wanted is None else find_discount(info.context.session, wanted))
