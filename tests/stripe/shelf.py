"""The stand-in's products and prices."""

from collections.abc import Sequence
from typing import Any

from tests.stripe.books import Books, Endpoint, Thing, expanded
from tests.stripe.forms import FACTS, FLAG, PAGE, TEXTS, Form, Refusal, one_of, text, whole, with_facts

_EXPAND = {"default_price": "price"}
_SHOW = {"expand": TEXTS}
_PRODUCT = {
    "active": FLAG,
    "metadata": FACTS,
    "images": TEXTS,
    "shippable": FLAG,
    "tax_code": text(),
    "statement_descriptor": text(22),
    **_SHOW,
}
_NEW_PRODUCT = {
    **_PRODUCT,
    "id": text(),
    "name": text(needed=True),
    "description": text(40_000),
    "unit_label": text(12),
    "url": text(),
}
_CHANGED_PRODUCT = {
    **_PRODUCT,
    "name": text(),
    "description": text(40_000, may_be_empty=True),
    "unit_label": text(12, may_be_empty=True),
    "url": text(may_be_empty=True),
    "default_price": text(may_be_empty=True),
}
_PRICE = {
    "active": FLAG,
    "metadata": FACTS,
    "nickname": text(may_be_empty=True),
    "lookup_key": text(200, may_be_empty=True),
    "transfer_lookup_key": FLAG,
    "tax_behavior": one_of("exclusive", "inclusive", "unspecified"),
    **_SHOW,
}
_NEW_PRICE = {
    **_PRICE,
    "product": text(needed=True),
    "currency": text(3, needed=True),
    "unit_amount": whole(needed=True),
}
_SHOWN_AT_FIRST: dict[str, Any] = {
    "description": None,
    "unit_label": None,
    "url": None,
    "images": [],
    "shippable": None,
    "tax_code": None,
    "statement_descriptor": None,
    "marketing_features": [],
    "package_dimensions": None,
    "default_price": None,
    "active": True,
}


class Shelf:
    """https://docs.stripe.com/api/products and https://docs.stripe.com/api/prices."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def endpoints(self) -> Sequence[Endpoint]:
        """What can be asked of it."""
        product, price = r"/v1/products/([^/]+)", r"/v1/prices/([^/]+)"
        products = {**PAGE, "active": FLAG, "ids": TEXTS}
        prices = {**PAGE, "product": text(), "active": FLAG, "currency": text(3), "lookup_keys": TEXTS}
        return [
            Endpoint("POST", "/v1/products", _NEW_PRODUCT, self.new_product),
            Endpoint("GET", "/v1/products", products, self.products),
            Endpoint("GET", product, _SHOW, self.product),
            Endpoint("POST", product, _CHANGED_PRODUCT, self.change_product),
            Endpoint("DELETE", product, {}, self.remove_product),
            Endpoint("POST", "/v1/prices", _NEW_PRICE, self.new_price),
            Endpoint("GET", "/v1/prices", prices, self.prices),
            Endpoint("GET", price, _SHOW, self.price),
            Endpoint("POST", price, _PRICE, self.change_price),
        ]

    def new_product(self, form: Form) -> Thing:
        """A product, under the id that was asked for if it is free."""
        product_id = form.get("id") or self.books.new_id("prod")
        if product_id in self.books.things.get("product", {}):
            raise Refusal(400, "Product already exists.", code="resource_already_exists", param="id")
        facts = {name: value for name, value in form.items() if name not in ("id", "expand", "metadata")}
        metadata = with_facts({}, form.get("metadata", {}))
        made = self.books.add("product", product_id, **{**_SHOWN_AT_FIRST, **facts}, type="service", metadata=metadata)
        made["updated"] = made["created"]
        self.books.tell("product.created", made)
        return expanded(self.books, made, form, _EXPAND)

    def products(self, form: Form) -> Thing:
        """A page of them."""
        found = self.books.all("product")
        if "active" in form:
            found = [each for each in found if each["active"] == form["active"]]
        if "ids" in form:
            found = [each for each in found if each["id"] in form["ids"]]
        return self.books.page("/v1/products", found, form)

    def product(self, product_id: str, form: Form) -> Thing:
        """One of them."""
        return expanded(self.books, self.books.get("product", product_id), form, _EXPAND)

    def change_product(self, product_id: str, form: Form) -> Thing:
        """Another name, another price to sell by, off sale."""
        found = self.books.get("product", product_id)
        if form.get("default_price"):
            price = self.books.get("price", form["default_price"], param="default_price")
            if price["product"] != product_id or not price["active"]:
                raise Refusal(400, "The default price must be an active price of the product.", param="default_price")
        _change(found, form)
        self.books.tell("product.updated", found)
        return expanded(self.books, found, form, _EXPAND)

    def remove_product(self, product_id: str, _form: Form) -> Thing:
        """Only what never had a price."""
        found = self.books.get("product", product_id)
        if any(each["product"] == product_id for each in self.books.all("price")):
            message = "This product cannot be deleted because it has one or more user-created prices."
            raise Refusal(400, message)
        del self.books.things["product"][product_id]
        self.books.tell("product.deleted", found)
        return {"id": product_id, "object": "product", "deleted": True}

    def new_price(self, form: Form) -> Thing:
        """A price, which can never be another amount."""
        self.books.get("product", form["product"], param="product")
        if form["currency"] != form["currency"].lower():
            raise Refusal(400, f"Invalid currency: {form['currency'].lower()}.", param="currency")
        self._free_lookup_key(form)
        made = self.books.add(
            "price",
            self.books.new_id("price"),
            active=form.get("active", True),
            billing_scheme="per_unit",
            currency=form["currency"],
            custom_unit_amount=None,
            lookup_key=form.get("lookup_key") or None,
            metadata=with_facts({}, form.get("metadata", {})),
            nickname=form.get("nickname") or None,
            product=form["product"],
            recurring=None,
            tax_behavior=form.get("tax_behavior", "unspecified"),
            tiers_mode=None,
            transform_quantity=None,
            type="one_time",
            unit_amount=form["unit_amount"],
            unit_amount_decimal=str(form["unit_amount"]),
        )
        self.books.tell("price.created", made)
        return expanded(self.books, made, form, {"product": "product"})

    def prices(self, form: Form) -> Thing:
        """A page of them."""
        found = self.books.all("price")
        for name in ("product", "active", "currency"):
            if name in form:
                found = [each for each in found if each[name] == form[name]]
        if "lookup_keys" in form:
            found = [each for each in found if each["lookup_key"] in form["lookup_keys"]]
        return self.books.page("/v1/prices", found, form)

    def price(self, price_id: str, form: Form) -> Thing:
        """One of them."""
        return expanded(self.books, self.books.get("price", price_id), form, {"product": "product"})

    def change_price(self, price_id: str, form: Form) -> Thing:
        """Its words, and whether it is for sale; never its amount."""
        found = self.books.get("price", price_id)
        if form.get("active") is False and self.books.get("product", found["product"])["default_price"] == price_id:
            raise Refusal(400, "This price cannot be archived because it is the default price of its product.")
        if form.get("lookup_key") != found["lookup_key"]:
            self._free_lookup_key(form)
        _change(found, {name: value for name, value in form.items() if name != "transfer_lookup_key"})
        self.books.tell("price.updated", found)
        return expanded(self.books, found, form, {"product": "product"})

    def _free_lookup_key(self, form: Form) -> None:
        for other in self.books.all("price"):
            if form.get("lookup_key") and other["lookup_key"] == form["lookup_key"]:
                if not form.get("transfer_lookup_key"):
                    raise Refusal(400, f"A price (`{other['id']}`) already uses that lookup key.", param="lookup_key")
                other["lookup_key"] = None


def _change(thing: Thing, form: Form) -> None:
    facts = {name: (None if value == "" else value) for name, value in form.items() if name != "expand"}
    if "metadata" in form:
        facts["metadata"] = with_facts(thing["metadata"], form["metadata"])
    thing.update(facts)
