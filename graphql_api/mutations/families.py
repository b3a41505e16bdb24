"""Mutations of families of variants, for staff."""

from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.mutations.product_inputs import VERSION
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.types.product_parts import Family
from models import Family as FamilyRow
from services.catalogue.changes import announce
from services.catalogue.products import families
from services.catalogue.products.families import LONGEST_NAME, MOST_MEMBERS
from services.catalogue.products.product_values import MOST_OPTIONS
from services.catalogue.products.variants import list_families_by_id
from services.catalogue.tags import FAMILIES
from utils.ids import parse_id

_NAME = f"What its products are called together, at most {LONGEST_NAME} characters."
_OPTIONS = f"What its products differ by, from 1 to {MOST_OPTIONS}, such as colour and size."


@strawberry.type
class FamiliesMutation:
    """What staff do to families."""

    @root_field(
        Permission.PRODUCTS,
        f"Makes a family of variants. Products join it by `familyId` and `options`, at most {MOST_MEMBERS}. {ONCE}",
    )
    def create_family(
        self,
        info: Info,
        name: Annotated[str, argument(description=_NAME)],
        options: Annotated[list[str], argument(description=_OPTIONS)],
    ) -> Family | None:
        """Answers with a fresh read."""
        context = info.context
        actor, cache = context.actor, context.cache
        with context.database.write() as session:
            made = made_once(
                info,
                session,
                {"name": name, "options": options},
                lambda: families.create_family(session, name, options=options, actor=actor, cache=cache),
                of=FamilyRow,
                announce_again=lambda _: announce(session, cache, also=[FAMILIES]),
            )
        return _read_again(context, made)

    @root_field(
        Permission.PRODUCTS,
        "Changes a family's name, or what its options are called: as many as before, in the same order, once it has "
        "products. Staff do so where all of its products are of their departments, admins everywhere.",
    )
    def update_family(
        self,
        info: Info,
        family_id: Annotated[str, argument(description="Which family.")],
        name: Annotated[str | None, argument(description=_NAME)] = None,
        options: Annotated[list[str] | None, argument(description=_OPTIONS)] = None,
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> Family | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(family_id, "familyId")
        with context.database.write() as session:
            families.update_family(
                session,
                wanted,
                name=name,
                options=options,
                version=version,
                actor=context.actor,
                cache=context.cache,
            )
        return _read_again(context, wanted)

    @root_field(Permission.PRODUCTS, "Removes a family that no product is in; true when done.")
    def delete_family(
        self, info: Info, family_id: Annotated[str, argument(description="Which family.")]
    ) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(family_id, "familyId")
        with context.database.write() as session:
            families.delete_family(session, wanted, actor=context.actor, cache=context.cache)
        return True


def _read_again(context: Context, family_id: UUID) -> Family | None:
    return cast("Family | None", list_families_by_id(context.afresh(), [family_id]).get(family_id))
