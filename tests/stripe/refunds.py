"""The stand-in's refunds."""

from collections.abc import Sequence

from tests.stripe.books import Books, Endpoint, Thing, expanded
from tests.stripe.forms import FACTS, PAGE, TEXTS, Form, Refusal, one_of, text, whole, with_facts

# What becomes of a refund of a payment by these.
_SLOW = {"pm_card_pendingRefund", "pm_card_refundFail"}
_OPEN = {"pending", "succeeded"}


class Refunds:
    """https://docs.stripe.com/api/refunds."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def endpoints(self) -> Sequence[Endpoint]:
        """What can be asked of it."""
        new = {
            "payment_intent": text(),
            "charge": text(),
            "amount": whole(1),
            "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
            "metadata": FACTS,
            "expand": TEXTS,
        }
        wanted = {**PAGE, "payment_intent": text(), "charge": text()}
        return [
            Endpoint("POST", "/v1/refunds", new, self.new_refund),
            Endpoint("GET", "/v1/refunds", wanted, self.refunds),
            Endpoint("GET", r"/v1/refunds/([^/]+)", {"expand": TEXTS}, self.refund),
        ]

    def new_refund(self, form: Form) -> Thing:
        """Gives back all that was not given back yet, or a part of it, and never more."""
        charge = self._charge(form)
        left = charge["amount_captured"] - charge["amount_refunded"]
        if charge["status"] != "succeeded" or not charge["captured"]:
            raise Refusal(400, f"Charge {charge['id']} was not paid.", code="charge_not_refundable")
        if not left:
            message = f"Charge {charge['id']} has already been refunded."
            raise Refusal(400, message, code="charge_already_refunded")
        amount = form.get("amount", left)
        if amount > left:
            message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            raise Refusal(400, message, param="amount")
        made = self.books.add(
            "refund",
            self.books.new_id("re"),
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            failure_reason=None,
            metadata=with_facts({}, form.get("metadata", {})),
            payment_intent=charge["payment_intent"],
            reason=form.get("reason"),
            status="pending" if charge["payment_method"] in _SLOW else "succeeded",
        )
        self._sum_up(charge)
        self.books.tell("refund.created", made)
        self.books.tell("charge.refunded", charge)
        return expanded(self.books, made, form, {"charge": "charge", "payment_intent": "payment_intent"})

    def refunds(self, form: Form) -> Thing:
        """A page of them."""
        found = self.books.all("refund")
        for name in ("payment_intent", "charge"):
            found = [each for each in found if form.get(name) in (None, each[name])]
        return self.books.page("/v1/refunds", found, form)

    def refund(self, refund_id: str, form: Form) -> Thing:
        """One of them."""
        found = self.books.get("refund", refund_id)
        return expanded(self.books, found, form, {"charge": "charge", "payment_intent": "payment_intent"})

    def settle(self, refund_id: str) -> Thing:
        """What the bank does after days: takes a pending refund, or sends it back."""
        found = self.books.get("refund", refund_id)
        assert found["status"] == "pending"
        charge = self.books.get("charge", found["charge"])
        if charge["payment_method"] == "pm_card_refundFail":
            found.update(status="failed", failure_reason="expired_or_canceled_card")
        else:
            found["status"] = "succeeded"
        self._sum_up(charge)
        self.books.tell(f"refund.{'failed' if found['status'] == 'failed' else 'updated'}", found)
        return found

    def _charge(self, form: Form) -> Thing:
        if "charge" in form:
            return self.books.get("charge", form["charge"], param="charge")
        if "payment_intent" not in form:
            raise Refusal(400, "One of charge and payment_intent must be given.", code="parameter_missing")
        intent = self.books.get("payment_intent", form["payment_intent"], param="payment_intent")
        if intent["latest_charge"] is None:
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise Refusal(400, message, code="payment_intent_unexpected_state", param="payment_intent")
        return self.books.get("charge", intent["latest_charge"])

    def _sum_up(self, charge: Thing) -> None:
        refunds = [each for each in self.books.all("refund") if each["charge"] == charge["id"]]
        total = sum(each["amount"] for each in refunds if each["status"] in _OPEN)
        charge.update(amount_refunded=total, refunded=total == charge["amount_captured"])
