"""What would it cost: goods, codes and a region priced as an order would be, and nothing changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.reading import list_products_by_id
from services.catalogue.shelves.tree import read_tree
from services.orders.pricing_placed import Terms, counted, refused_codes
from services.pricing.calculating.priced import Priced
from services.pricing.discounts.active import active_rules
from services.pricing.discounts.codes import FoundCodes, find_codes, refusals
from services.pricing.discounts.customers import customer_facts
from services.pricing.explanations import ExplainedLine, Explanation, explain
from services.pricing.gathering import Occasion, gather, needs_categories
from services.pricing.region_facts import KnownRegion, region_facts
from utils.errors import DomainError, InvalidInput, NotForSale, OutOfStock


class QuotedLine(NamedTuple):
    """So many pieces of a product, and what they come to."""

    product: ProductFacts
    quantity: int
    amounts: ExplainedLine


class QuotedCode(NamedTuple):
    """A code that was given, in capitals, and why it does not count; None if it does."""

    code: str
    refusal: DomainError | None


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer: what is sold with its price, the reasons, and what an order would be refused for.

    `codes`: each that was given, once, in their order. Some refuse nothing, and do not count: others are better.
    """

    lines: Sequence[QuotedLine]
    explanation: Explanation
    problems: Sequence[DomainError]
    codes: Sequence[QuotedCode]


def quote(
    reader: Reader,
    wanted: Mapping[UUID, int],
    terms: Terms,
    *,
    region: KnownRegion,
    customer_id: UUID | None,
    in_full: bool = False,
) -> Quote:
    """What so many pieces of these products would cost this customer (None: a guest) in this region now.

    `terms.region` is the region's code, None for the home region. Goods that are not sold there, or of which there are
    too few, and codes that do not count are problems and no refusals: each has the code that an order would be refused
    with, and the rest is priced; goods that are short with it. `in_full`: see `read_explanation`. Refuses more codes
    than there may be, or one that is none (INVALID_INPUT; discounts/codes.py), and a total that no amount can hold.
    """
    goods, problems = _goods(reader, wanted, terms, region)
    rules = active_rules(reader, time_zone=terms.time_zone)
    # Without codes nothing may need a session, and asking for one is a statement.
    found = find_codes(reader.session, terms.codes, customer_id=customer_id) if terms.codes else FoundCodes()
    terms.looked_up(found)
    occasion = Occasion(
        moment=reader.now,
        time_zone=terms.time_zone,
        region=region_facts(region, reader.now),
        customer=customer_facts(reader, customer_id),
        rules=rules,
        codes=found.opened,
    )
    tree = read_tree(reader) if needs_categories(rules) else None
    # Nothing is brought to who buys nothing.
    priced = counted(gather(reader, goods, occasion=occasion, tree=tree, ships=bool(goods)))
    problems += [each.error for each in refused_codes(priced, found)]
    explanation = explain(priced, in_full=in_full)
    lines = [QuotedLine(*good, amounts) for good, amounts in zip(goods, explanation.lines, strict=True)]
    return Quote(lines, explanation, problems, _codes(priced, found))


def _codes(priced: Priced, found: FoundCodes) -> list[QuotedCode]:
    refused = {each.code: each.error for each in refusals(priced, found)}
    return [QuotedCode(code, refused.get(code)) for code in found.given]


def _goods(
    reader: Reader, wanted: Mapping[UUID, int], terms: Terms, region: KnownRegion
) -> tuple[list[tuple[ProductFacts, int]], list[DomainError]]:
    """What is sold of it, in the order asked for, and a problem for each that is not, or is short."""
    known = list_products_by_id(reader, list(wanted))
    goods: list[tuple[ProductFacts, int]] = []
    problems: list[DomainError] = []
    for product_id, quantity in wanted.items():
        found = known.get(product_id)
        sold = found.in_region(terms.region) if found is not None and found.is_on_sale(reader.now) else None
        if sold is None:
            problems.append(NotForSale("This product is not sold at present.", productId=str(product_id)))
            continue
        if sold.currency != region.currency:
            unpriced = {"field": "items", "productId": str(product_id)}
            problems.append(InvalidInput("This product has no price in the currency of the region.", **unpriced))
            continue
        if sold.stock_count < quantity:
            short = {"productId": str(product_id), "requested": quantity, "available": sold.stock_count}
            problems.append(OutOfStock("This product has less stock than was asked for.", **short))
        goods.append((sold, quantity))
    return goods, problems
