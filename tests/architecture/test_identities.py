"""What has an `id` is one thing wherever it stands: Apollo's cache has one record for each type and id."""

from graphql import GraphQLNamedType, is_object_type
from sqlalchemy import inspect

import models
from graphql_api.schema import core_schema

TYPES = core_schema().type_map.values()
# Ids that are no row's of a model of the type's name, each with the reason why it is the same thing for every caller,
# at every moment. What is counted for somebody (a step, an input of a price) has no identity, and calls a thing it
# names `discountId`, `key` or the like.
IDENTITIES = {
    "Orderitem": "a row of OrderItem, whose name the schema spells so since its first release",
    "ProductImage": "made of product and picture, the key of its row",
    "Region": "its code, the key of its row",
    "RegionPrice": "made of product and region, the key of its row; everybody is told the same price there",
    "Session": "a row of UserSession",
}


def _is_row(kind: GraphQLNamedType) -> bool:
    """Whether the type has its name from a model whose rows have ids."""
    model = getattr(models, kind.name, None)
    return model is not None and "id" in inspect(model).columns


def test_every_id_is_an_identity() -> None:
    with_id = {each for each in TYPES if is_object_type(each) and "id" in each.fields}

    assert {each.name for each in with_id if not _is_row(each)} == IDENTITIES.keys()
    assert {each.name for each in with_id} >= {"Product", "Order", "Discount", "DiscountCode", "TaxRate"}
