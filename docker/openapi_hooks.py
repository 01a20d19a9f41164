"""Rules of the interface that no JSON Schema says: schemathesis's valid requests are made to keep them. What it sends as invalid stays as it is."""
import datetime
import json

import schemathesis

USAGE = {"prompt_tokens": 90, "completion_tokens": 30, "total_tokens": 120}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def keep(operation, body):
    """A valid body, which keeps the rules too."""
    # An event may be 35 days old, and a price begins after the one in force.
    for field in ["occurred_at", "effective_from", "time"]:
        if body.get(field) is not None:
            body[field] = now()
    if "date" in body:
        body["date"] = now()[:10]
    # A shop has one currency.
    if operation in ["putModelPrice", "createSubscription", "previewSubscription"] and "currency" in body:
        body["currency"] = "EUR"
    # The id is in the body or in the header.
    for part, field in {"refund": "refund_id", "credit": "credit_id"}.items():
        if operation.startswith(part):
            body.setdefault(field, f"{part}-1")
    if operation == "setStripeSecret":
        body.pop("secret", None) if "secrets" in body else body.setdefault("secret", "whsec_1")
    # A model has a price; what one class falls back to has one.
    if operation.endswith(("Call", "Charge")) and "model" in body:
        body["model"] = "gpt-4o"
    if operation == "putModelPrice":
        body.pop("fallbacks", None), body.pop("classes", None)
    # A network has no bits after its length.
    if body.get("allowed_addresses"):
        body["allowed_addresses"] = ["127.0.0.0/8"]
    # A plan is in the catalog, and only who has no subscription may have a trial.
    if operation in ["createSubscription", "previewSubscription"]:
        body["plan_name"] = "basic"
        body.pop("trial_days", None)
    if body.get("expires_at") is not None:
        body["expires_at"] = "2099-01-01T00:00:00.000Z"
    # A provider's object, whose parts agree; without it, the tokens are given.
    if isinstance(body.get("usage"), dict):
        body["usage"] = dict(USAGE)
        body.pop("input_tokens", None)
    # A plan's terms are about meters that it has.
    if operation == "putPlan":
        for field in ["rollover_caps", "overage_prices", "plain_meters", "day_fees"]:
            body.pop(field, None)
    for event in body.get("events", []) if operation == "recordUsageBatch" else []:
        keep("recordUsage", event)
    if body.get("tax_rates"):
        del body["tax_rates"][10:]
    for rate in body.get("tax_rates") or []:
        if isinstance(rate.get("percent"), (int, float)):
            rate["percent"] = 20


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw["operationId"]
    if isinstance(case.query, dict):
        # The service makes cursors.
        case.query.pop("cursor", None)
        # The past of a user, and not the future.
        if operation == "getUsage":
            case.query.pop("at", None)
        if operation == "getUsageBreakdown":
            case.query["group_by"] = "model"
        if operation == "getMargins":
            case.query.pop("from", None), case.query.pop("to", None)
        if operation == "findEvents" and not {"event_id", "reference_id"} & set(case.query):
            case.query["event_id"] = "q-1"
    if operation in ["refundInvoice", "refundCharge"] and not isinstance(case.body, dict):
        case.body, case.media_type = {}, "application/json"
    for body in case.body if isinstance(case.body, list) else [case.body]:
        if isinstance(body, dict):
            keep(operation, body)


# Paths that fit a pattern of another operation too, such as that of a user who is called "batch": `Allow` has the methods of both, as RFC 9110 wants it.
OF_TWO_PATTERNS = {"/v1/usage/batch", "/v1/calls/estimate", "/v1/calls/hold", "/v1/subscriptions/preview"}


@schemathesis.hook
def after_call(context, case, response):
    """A batch takes each event by itself: a wrong one is rejected in the answer."""
    if case.operation.path in OF_TWO_PATTERNS and response.headers.get("allow") == ["POST, GET, HEAD, OPTIONS"]:
        response.headers["allow"] = ["POST, OPTIONS"]
    if case.operation.path == "/v1/usage/batch" and response.status_code == 200 and not case.meta.generation.mode.is_positive:
        if any(result["status"] == "rejected" for result in json.loads(response.content)["results"]):
            response.status_code, response.headers["content-type"] = 422, ["application/problem+json"]
            response.content = json.dumps({"type": "", "title": "", "status": 422, "code": "invalid_request", "request_id": "r"}).encode()
