"""The stand-in's payment intents, their charges, and customers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.stripe.books import Books, Endpoint, Thing, expanded
from tests.stripe.forms import FACTS, FLAG, PAGE, TEXTS, Form, Kind, Refusal, group, one_of, text, whole, with_facts

# https://docs.stripe.com/testing: what becomes of a payment by each of these.
GOOD = frozenset({"pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_refundFail", "pm_card_pendingRefund"})
DECLINED = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "pm_card_chargeDeclinedFraudulent": ("card_declined", "fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
ASKS_THE_OWNER = frozenset({"pm_card_authenticationRequired", "pm_card_threeDSecure2Required"})
TAKES_DAYS = frozenset({"pm_usBankAccount"})
_LEAST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}
_EXPAND = {"latest_charge": "charge", "customer": "customer"}
_WORDS = {
    "customer": text(),
    "description": text(may_be_empty=True),
    "metadata": FACTS,
    "receipt_email": text(may_be_empty=True),
    "payment_method": text(),
    "payment_method_types": TEXTS,
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "setup_future_usage": one_of("off_session", "on_session"),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "expand": TEXTS,
}
_AUTOMATIC = group(enabled=FLAG, allow_redirects=one_of("always", "never"))
_CONFIRM: dict[str, Kind] = {"return_url": text(), "off_session": FLAG, "error_on_requires_action": FLAG}
_WHY = one_of("duplicate", "fraudulent", "requested_by_customer", "abandoned")
_CUSTOMER = {name: text(may_be_empty=True) for name in ("name", "email", "phone", "description")}


class _Outcome(NamedTuple):
    status: str
    code: str | None = None
    decline_code: str | None = None


class Till:
    """https://docs.stripe.com/api/payment_intents, /charges and /customers."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def endpoints(self) -> Sequence[Endpoint]:
        """What can be asked of it."""
        all_of_them, intent = "/v1/payment_intents", r"/v1/payment_intents/([^/]+)"
        new = {**_WORDS, **_CONFIRM, "confirm": FLAG, "automatic_payment_methods": _AUTOMATIC, "currency": text(3)}
        amount = {"amount": whole(1, 99_999_999)}
        needed = {"amount": whole(1, 99_999_999, needed=True), "currency": text(3, needed=True)}
        confirm = {"payment_method": text(), "receipt_email": text(), "expand": TEXTS, **_CONFIRM}
        customer = {**_CUSTOMER, "metadata": FACTS, "expand": TEXTS}
        return [
            Endpoint("POST", all_of_them, {**new, **needed}, self.new_intent),
            Endpoint("GET", all_of_them, {**PAGE, "customer": text()}, self.intents),
            Endpoint("GET", intent, {"expand": TEXTS, "client_secret": text()}, self.intent),
            Endpoint("POST", intent, {**_WORDS, **amount, "currency": text(3)}, self.change_intent),
            Endpoint("POST", f"{intent}/confirm", confirm, self.confirm),
            Endpoint("POST", f"{intent}/cancel", {"cancellation_reason": _WHY, "expand": TEXTS}, self.cancel),
            Endpoint("POST", f"{intent}/capture", {"amount_to_capture": whole(1), "expand": TEXTS}, self.capture),
            Endpoint("GET", "/v1/charges", {**PAGE, "payment_intent": text()}, self.charges),
            Endpoint("GET", r"/v1/charges/([^/]+)", {"expand": TEXTS}, self.charge),
            Endpoint("POST", "/v1/customers", customer, self.new_customer),
            Endpoint("GET", "/v1/customers", {**PAGE, "email": text()}, self.customers),
            Endpoint("GET", r"/v1/customers/([^/]+)", {"expand": TEXTS}, self.customer),
            Endpoint("POST", r"/v1/customers/([^/]+)", customer, self.change_customer),
        ]

    def new_intent(self, form: Form) -> Thing:
        """An intent, confirmed at once if that was asked."""
        _check_amount(form["amount"], form["currency"])
        if "customer" in form:
            self.books.get("customer", form["customer"], param="customer")
        method = _known(form.get("payment_method"))
        types = form.get("payment_method_types")
        automatic = {"enabled": True, "allow_redirects": "always", **form.get("automatic_payment_methods", {})}
        intent_id = self.books.new_id("pi")
        made = self.books.add(
            "payment_intent",
            intent_id,
            amount=form["amount"],
            amount_capturable=0,
            amount_received=0,
            automatic_payment_methods=None if types else automatic,
            canceled_at=None,
            cancellation_reason=None,
            capture_method=form.get("capture_method", "automatic_async"),
            client_secret=f"{intent_id}_secret_{len(self.books.events):04d}",
            confirmation_method="automatic",
            currency=form["currency"],
            customer=form.get("customer"),
            description=form.get("description") or None,
            last_payment_error=None,
            latest_charge=None,
            metadata=with_facts({}, form.get("metadata", {})),
            next_action=None,
            payment_method=method,
            payment_method_types=types or ["card"],
            receipt_email=form.get("receipt_email") or None,
            setup_future_usage=form.get("setup_future_usage"),
            statement_descriptor=form.get("statement_descriptor"),
            statement_descriptor_suffix=form.get("statement_descriptor_suffix"),
            status="requires_confirmation" if method else "requires_payment_method",
        )
        self.books.tell("payment_intent.created", made)
        if form.get("confirm"):
            return self.confirm(made["id"], {name: form[name] for name in (*_CONFIRM, "expand") if name in form})
        return expanded(self.books, made, form, _EXPAND)

    def intents(self, form: Form) -> Thing:
        """A page of them."""
        found = self.books.all("payment_intent")
        found = [each for each in found if "customer" not in form or each["customer"] == form["customer"]]
        return self.books.page("/v1/payment_intents", found, form)

    def intent(self, intent_id: str, form: Form) -> Thing:
        """One of them."""
        return expanded(self.books, self.books.get("payment_intent", intent_id), form, _EXPAND)

    def change_intent(self, intent_id: str, form: Form) -> Thing:
        """Another amount or other words, as long as nothing was paid."""
        found = self._in_state(intent_id, "requires_payment_method", "requires_confirmation", "requires_action")
        wanted = {**found, **form}
        _check_amount(wanted["amount"], wanted["currency"])
        found.update({name: value for name, value in form.items() if name not in ("metadata", "expand")})
        found["metadata"] = with_facts(found["metadata"], form.get("metadata", {}))
        if _known(form.get("payment_method")) and found["status"] == "requires_payment_method":
            found["status"] = "requires_confirmation"
        return expanded(self.books, found, form, _EXPAND)

    def confirm(self, intent_id: str, form: Form) -> Thing:
        """Tries to take the money. A refused card is an error of status 402."""
        found = self._in_state(intent_id, "requires_payment_method", "requires_confirmation", "requires_action")
        method = _known(form.get("payment_method")) or found["payment_method"]
        if method is None:
            message = "You cannot confirm this PaymentIntent because it's missing a payment method."
            raise Refusal(400, message, code="payment_intent_unexpected_state", payment_intent=dict(found))
        automatic = found["automatic_payment_methods"] or {"allow_redirects": "never"}
        if automatic["allow_redirects"] != "never" and not form.get("return_url"):
            message = "This PaymentIntent may redirect its customer: a return_url must be provided."
            raise Refusal(400, message, param="return_url")
        found["payment_method"] = method
        outcome = _outcome(method)
        if outcome.status == "requires_action" and form.get("off_session"):
            outcome = _Outcome("declined", "authentication_required", "authentication_required")
        self._turn(found, outcome)
        if outcome.status == "declined":
            raise Refusal(
                402, "Your card was declined.", kind="card_error", **_error(outcome, found), payment_intent=dict(found)
            )
        return expanded(self.books, found, form, _EXPAND)

    def capture(self, intent_id: str, form: Form) -> Thing:
        """Takes what was set aside, or a part of it."""
        found = self._in_state(intent_id, "requires_capture")
        amount = form.get("amount_to_capture", found["amount"])
        if amount > found["amount"]:
            raise Refusal(400, "The amount to capture is greater than the authorized one.", param="amount_to_capture")
        charge = self.books.get("charge", found["latest_charge"])
        charge.update(captured=True, amount_captured=amount)
        found.update(status="succeeded", amount_received=amount, amount_capturable=0)
        self.books.tell("charge.captured", charge)
        self.books.tell("payment_intent.succeeded", found)
        return expanded(self.books, found, form, _EXPAND)

    def cancel(self, intent_id: str, form: Form) -> Thing:
        """Nothing can be paid by it any more."""
        open_ones = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")
        found = self._in_state(intent_id, *open_ones)
        found.update(
            status="canceled", canceled_at=found["created"], cancellation_reason=form.get("cancellation_reason")
        )
        found.update(amount_capturable=0, next_action=None)
        self.books.tell("payment_intent.canceled", found)
        return expanded(self.books, found, form, _EXPAND)

    def authenticate(self, intent_id: str, *, passes: bool = True) -> Thing:
        """What the owner of the card does when asked: passes, or fails."""
        found = self._in_state(intent_id, "requires_action")
        self._turn(
            found, _Outcome("succeeded") if passes else _Outcome("declined", "payment_intent_authentication_failure")
        )
        return found

    def settle(self, intent_id: str, *, succeeds: bool = True) -> Thing:
        """What the bank does after days."""
        found = self._in_state(intent_id, "processing")
        self._turn(
            found, _Outcome("succeeded") if succeeds else _Outcome("declined", "payment_method_provider_decline")
        )
        return found

    def charges(self, form: Form) -> Thing:
        """A page of them."""
        found = self.books.all("charge")
        wanted = form.get("payment_intent")
        return self.books.page(
            "/v1/charges", [each for each in found if wanted in (None, each["payment_intent"])], form
        )

    def charge(self, charge_id: str, form: Form) -> Thing:
        """One of them."""
        return expanded(self.books, self.books.get("charge", charge_id), form, {"payment_intent": "payment_intent"})

    def new_customer(self, form: Form) -> Thing:
        """A customer."""
        words = {name: form.get(name) or None for name in _CUSTOMER}
        metadata = with_facts({}, form.get("metadata", {}))
        made = self.books.add("customer", self.books.new_id("cus"), **words, metadata=metadata)
        self.books.tell("customer.created", made)
        return dict(made)

    def customers(self, form: Form) -> Thing:
        """A page of them."""
        found = [each for each in self.books.all("customer") if form.get("email") in (None, each["email"])]
        return self.books.page("/v1/customers", found, form)

    def customer(self, customer_id: str, form: Form) -> Thing:
        """One of them."""
        return expanded(self.books, self.books.get("customer", customer_id), form, {})

    def change_customer(self, customer_id: str, form: Form) -> Thing:
        """Another name or address."""
        found = self.books.get("customer", customer_id)
        found.update({name: value or None for name, value in form.items() if name in _CUSTOMER})
        found["metadata"] = with_facts(found["metadata"], form.get("metadata", {}))
        self.books.tell("customer.updated", found)
        return dict(found)

    def _in_state(self, intent_id: str, *states: str) -> Thing:
        found = self.books.get("payment_intent", intent_id)
        if found["status"] not in states:
            message = f"This PaymentIntent's status is {found['status']}; it must be one of {', '.join(states)}."
            raise Refusal(400, message, code="payment_intent_unexpected_state", payment_intent=dict(found))
        return found

    def _turn(self, intent: Thing, outcome: _Outcome) -> None:
        """Brings the intent to its next state, with the charge that belongs to it."""
        intent.update(next_action=None, last_payment_error=None)
        if outcome.status == "requires_action":
            intent.update(status="requires_action", next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}})
            self.books.tell("payment_intent.requires_action", intent)
        elif outcome.status == "processing":
            intent["status"] = "processing"
            self.books.tell("payment_intent.processing", intent)
        elif outcome.status == "declined":
            self._charge(intent, outcome)
            intent["last_payment_error"] = {"type": "card_error", **_error(outcome, intent)}
            intent.update(status="requires_payment_method", payment_method=None)
            self.books.tell("payment_intent.payment_failed", intent)
        else:
            is_taken = intent["capture_method"] != "manual"
            self._charge(intent, outcome, is_taken=is_taken)
            amount = intent["amount"]
            state = {"status": "succeeded", "amount_received": amount} if is_taken else {"status": "requires_capture"}
            intent.update(state, amount_capturable=0 if is_taken else amount)
            self.books.tell(f"payment_intent.{'succeeded' if is_taken else 'amount_capturable_updated'}", intent)

    def _charge(self, intent: Thing, outcome: _Outcome, *, is_taken: bool = False) -> None:
        is_good = outcome.status == "succeeded"
        charge = self.books.add(
            "charge",
            self.books.new_id("ch"),
            amount=intent["amount"],
            amount_captured=intent["amount"] if is_taken else 0,
            amount_refunded=0,
            captured=is_taken,
            currency=intent["currency"],
            customer=intent["customer"],
            disputed=False,
            failure_code=outcome.code,
            metadata=dict(intent["metadata"]),
            paid=is_good,
            payment_intent=intent["id"],
            payment_method=intent["payment_method"],
            refunded=False,
            status="succeeded" if is_good else "failed",
        )
        intent["latest_charge"] = charge["id"]
        self.books.tell("charge.succeeded" if is_good else "charge.failed", charge)


def _known(method: str | None) -> str | None:
    if method is not None and method not in {*GOOD, *DECLINED, *ASKS_THE_OWNER, *TAKES_DAYS}:
        raise Refusal(400, f"No such PaymentMethod: '{method}'", code="resource_missing", param="payment_method")
    return method


def _outcome(method: str) -> _Outcome:
    if method in DECLINED:
        return _Outcome("declined", *DECLINED[method])
    if method in ASKS_THE_OWNER:
        return _Outcome("requires_action")
    return _Outcome("processing" if method in TAKES_DAYS else "succeeded")


def _error(outcome: _Outcome, intent: Thing) -> dict[str, Any]:
    return {"code": outcome.code, "decline_code": outcome.decline_code, "charge": intent["latest_charge"]}


def _check_amount(amount: int, currency: str) -> None:
    """https://docs.stripe.com/currencies: the least that can be charged, and digits that must be 0."""
    if currency != currency.lower():
        raise Refusal(400, f"Invalid currency: {currency}.", param="currency")
    if amount < _LEAST.get(currency, 1):
        raise Refusal(400, f"Amount must be at least {_LEAST[currency]}.", code="amount_too_small", param="amount")
    step = 100 if currency in ("isk", "ugx") else 10 if currency in ("bhd", "jod", "kwd", "omr", "tnd") else 1
    if amount % step:
        code = "invalid_charge_amount_no_decimal_compatible" if step == 100 else None
        raise Refusal(400, f"Invalid amount: must be evenly divisible by {step}.", code=code, param="amount")
