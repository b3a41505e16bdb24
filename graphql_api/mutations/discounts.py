"""Mutations of discounts, for staff."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.mutations.discount_inputs import DiscountInput, DiscountUpdateInput, GenerateCodesInput
from graphql_api.mutations.product_inputs import VERSION
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.types.discount_parts import DiscountCode, as_codes
from graphql_api.types.discounts import Discount, as_discount
from models import Discount as DiscountRow
from models import DiscountCode as CodeRow
from services.accounts.actor import existing_account
from services.catalogue.changes import announce
from services.pricing.discounts import changing, code_making, making, naming
from services.pricing.discounts.code_making import MOST_AT_A_TIME, CodesDraft
from services.pricing.discounts.code_reading import list_codes_together
from services.pricing.discounts.codes import LONGEST_CODE
from services.pricing.discounts.naming import MOST_CUSTOMERS
from services.pricing.discounts.reading import find_discount
from services.pricing.tags import DISCOUNTS
from utils.ids import parse_id

_WHICH = "Which discount."
_WHOSE = (
    "Staff do so for discounts on products and categories of their own departments; what goes beyond these (all goods, "
    "orders, shipping, collections, brands, named customers) is for admins."
)


@strawberry.type
class DiscountsMutation:
    """What staff decide about discounts."""

    @root_field(Permission.DISCOUNTS, f"Makes a discount, without codes and without named customers. {ONCE} {_WHOSE}")
    def create_discount(
        self, info: Info, input: Annotated[DiscountInput, argument(description="The discount.")]
    ) -> Discount | None:
        """Answers with a fresh read."""
        context, draft = info.context, input.draft()
        with existing_account(), context.database.write() as session:
            made = made_once(
                info,
                session,
                _hashed(asdict(draft)),
                lambda: making.create_discount(session, draft, actor=context.actor, cache=context.cache),
                of=DiscountRow,
                announce_again=lambda _: announce(session, context.cache, also=[DISCOUNTS]),
            )
        return _read_again(info, made)

    @root_field(
        Permission.DISCOUNTS,
        f"Changes a discount, and switches it on and off; what was ordered with it stays as it was. {_WHOSE}",
    )
    def update_discount(
        self,
        info: Info,
        discount_id: Annotated[str, argument(description=_WHICH)],
        input: Annotated[DiscountUpdateInput, argument(description="The change.")],
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> Discount | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(discount_id, "discountId")
        with context.database.write() as session:
            changing.update_discount(session, wanted, input.change(version), actor=context.actor, cache=context.cache)
        return _read_again(info, wanted)

    @root_field(
        Permission.DISCOUNTS,
        f"Removes a discount that was never used, with its codes; another one can be switched off. True when done. "
        f"{_WHOSE}",
    )
    def delete_discount(self, info: Info, discount_id: Annotated[str, argument(description=_WHICH)]) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(discount_id, "discountId")
        with context.database.write() as session:
            changing.delete_discount(session, wanted, actor=context.actor, cache=context.cache)
        return True

    @root_field(
        Permission.DISCOUNTS,
        f"Adds codes to a discount that needs one: either `codes` or `generate`; answers with those that were added. "
        f"{ONCE} {_WHOSE}",
    )
    def add_discount_codes(
        self,
        info: Info,
        discount_id: Annotated[str, argument(description=_WHICH)],
        codes: Annotated[
            list[str] | None,
            argument(
                description=f"The codes: from 1 to {MOST_AT_A_TIME}, each of 1 to {LONGEST_CODE} letters of ASCII, "
                "digits, - and _; kept in capitals, and unique in the shop."
            ),
        ] = None,
        generate: Annotated[
            GenerateCodesInput | None, argument(description="How many codes to make up that nobody can guess.")
        ] = None,
        use_limit: Annotated[
            int | None, argument(description="How many orders may use each of them; any number by default.")
        ] = None,
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> list[DiscountCode] | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(discount_id, "discountId")
        said: dict[str, Any] = {} if generate is None else {"count": generate.count, "prefix": generate.prefix or ""}
        draft = CodesDraft(codes=codes, use_limit=use_limit, **said)
        acting: dict[str, Any] = {"version": version, "actor": context.actor, "cache": context.cache}
        with existing_account(), context.database.write() as session:
            made = made_once(
                info,
                session,
                {"discountId": str(wanted), "version": version, **asdict(draft)},
                lambda: code_making.add_codes(session, wanted, draft, **acting),
                of=CodeRow,
                announce_again=lambda _: announce(session, context.cache, also=[DISCOUNTS]),
            )
        return as_codes(list_codes_together(context.fresh_session(), made))

    @root_field(
        Permission.DISCOUNTS,
        f"Removes a code that was never used; answers with its discount. {_WHOSE}",
    )
    def remove_discount_code(
        self, info: Info, code_id: Annotated[str, argument(description="Which code.")]
    ) -> Discount | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(code_id, "codeId")
        with context.database.write() as session:
            of = code_making.remove_code(session, wanted, actor=context.actor, cache=context.cache)
        return _read_again(info, of)

    @root_field(
        Permission.ADMIN,
        f"Names customers in a discount that is for named ones, at most {MOST_CUSTOMERS} at a time, or takes their "
        f"names away; who is named already, or is not, stays so.",
    )
    def set_discount_customers(
        self,
        info: Info,
        discount_id: Annotated[str, argument(description=_WHICH)],
        add: Annotated[list[UUID] | None, argument(description="The accounts to name.")] = None,
        remove: Annotated[list[UUID] | None, argument(description="The accounts not to name any more.")] = None,
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> Discount | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(discount_id, "discountId")
        with context.database.write() as session:
            naming.set_customers(
                session,
                wanted,
                add=add or (),
                remove=remove or (),
                version=version,
                actor=context.actor,
                cache=context.cache,
            )
        return _read_again(info, wanted)


def _read_again(info: Info, discount_id: UUID) -> Discount | None:
    return as_discount(info, find_discount(info.context.fresh_session(), discount_id))


def _hashed(draft: dict[str, Any]) -> dict[str, Any]:
    """The draft with its sets in an order, so that the same request is always the same."""
    return {name: _in_order(value) for name, value in draft.items()}


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: sorted(map(str, each)) for name, each in value.items()}
    return value
