internal import JSON

/// What the document's examples say: the user `ada` of the shop `acme`, half way through a month on the plan `pro`.
enum DocumentSamples {
    private static let (start, middle, end): (JSON, JSON, JSON) = (
        "2026-11-01T00:00:00.000Z", "2026-11-20T23:10:00.000Z", "2026-12-01T00:00:00.000Z"
    )

    /// By a field's name, values of which the first that fits the field is taken.
    static let words = names.merging(amounts) { $1 }.merging(times) { $1 }

    private static let names: [String: [JSON]] = [
        "user_id": ["ada"], "shop_id": ["acme"], "name": ["Ada Lovelace"], "email": ["ada@example.com"], "event_id": ["q-1"],
        "purchase_id": ["pack-1"], "reservation_id": ["hold-1"], "call_id": ["call-1"], "charge_id": ["charge-1"],
        "billing_error_id": ["charge-2"], "refund_id": ["refund-1"], "void_id": ["void-1"], "adjustment_id": ["adjustment-1"],
        "credit_id": ["credit-1"], "project_id": ["project-1"], "creator_id": ["ada"], "reference_id": ["document-7"],
        "subscription_id": ["sub_5d3f0c2a91"], "key_id": ["166272faf76f"], "endpoint_id": ["whe_3b1f"], "delivery_id": ["whd_77ac"],
        "message_id": ["msg_90c2"], "entry_id": ["aud_12"], "refusal_id": ["ref_4e"], "transaction_id": ["txn_8a"],
        "number": ["FACT-202611-0001"], "invoice_number": ["FACT-202611-0001"], "credit_note": [.null],
        "plan_name": ["pro"], "plan": ["pro"], "tier": ["pro"], "display_name": ["Pro"], "plan_display_name": ["Pro"],
        "shop_name": ["Acme"],
        "previous_plan": ["basic"], "meter": ["tokens"], "meters": ["tokens"], "plain_meters": [[]],
        "model": ["gpt-4o"], "price_model": ["gpt-4o"], "provider": ["openai"], "alias": ["my-model"], "dimension": ["model"],
        "group": ["gpt-4o"], "group_by": ["model", ["model"]], "value": ["gpt-4o"], "label": ["GPT-4o"], "endpoint": ["/translate"],
        "actor": ["key:166272faf76f"], "changed_by": ["key:166272faf76f"], "erased_by": ["admin"], "erased_as": ["erased-6f1d2c"],
        "reason": ["The customer asked for it."], "note": ["Paid by transfer.", .null], "change_reason": ["create"],
        "message": ["75 % of tokens are used."],
        "detail": ["amount: expected an integer from 0 to 9007199254740991"], "title": ["The request is not valid"],
        "action": ["usage.adjust", "upgrade_plan"],
        "field": ["amount"], "status": ["active", "pending", "paid", 200], "type": ["tokens", "urn:shopmeter:problem:invalid_request"],
        "code": ["invalid_request"], "request_id": ["k3q-1"], "url": ["https://shop.example/webhooks"], "description": ["A question"],
        "last_four": ["7ac6"], "api_key": ["smk_166272faf76f_84f6…"], "jwt_secret": ["4ef2…"], "secret": ["whsec_…"], "language": ["fr"],
        "payment_reference": ["transfer-2026-11-20"], "reference": ["transfer-2026-11-20"], "stripe_invoice_id": [.null],
        "tax_exemption": [.null], "error": [.null], "disabled_reason": [.null], "answer": ["ok"], "body": [#"{"type":"invoice.paid",…}"#],
        "next_cursor": [.null], "cursor": [.null], "version": ["1.0.0"], "country": ["FR"], "line1": ["1 rue de la Paix"], "line2": [""],
        "city": ["Paris"], "postal_code": ["75002"], "tax_id": ["FR40303265045"], "brand_color": ["#1f5fbf"],
        "cors_origins": [["https://shop.example"]], "stripe_price_ids": [["price_1Qabc"]], "voice_slug": ["nova"], "voice_name": ["Nova"],
        "model_slug": ["tts-1"], "model_name": ["TTS 1"], "recommendations": [["Upgrade to Enterprise: 5 times the tokens."], true],
        "dimensions": [["model": "gpt-4o"]], "metadata": [["crm": "42"]], "details": [["page": 3]],
        "usage": [["prompt_tokens": 90, "completion_tokens": 30, "total_tokens": 120]], "query": ["ada"], "owner": ["instance-1"],
        "id": ["q-1"], "source": ["/backend"], "subject": ["ada"], "class": ["cache_read"], "file": ["app.js"],
        "collection": ["usage_events"],
    ]

    private static let amounts: [String: [JSON]] = [
        "duplicate": [false], "amount": [120, "29.00"], "used": [750], "limit": [1_000, 50], "remaining": [250], "purchased": [0],
        "rollover": [0], "reserved": [0], "current": [750], "requested": [120], "available": [250, "10.0000"], "usage_percentage": [75],
        "allocated_tokens": [1_000], "current_usage": [750], "remaining_tokens": [250], "monthly_fee": ["29.00"], "yearly_fee": ["290.00"],
        "allowances": [["tokens": 1_000]], "rollover_caps": [["tokens": 500]], "overage_prices": [["tokens": "0.002"]],
        "from_subscription": [120], "from_rollover": [0], "from_purchased": [0], "overflow_to_debt": [0], "percent": [75, "20.00"],
        "input_per_million": ["2.50"], "output_per_million": ["10.00"], "per_million": ["2.50"], "markup_percent": ["20.00"],
        "classes": [["cache_read": ["per_million": "1.25"]]], "fallbacks": [["cache_write": "input"]], "units": [["per_request": "0.001"]],
        "input_tokens": [90], "output_tokens": [30], "max_tokens": [1_000], "tokens": [["input": 90, "output": 30], 120],
        "costs": [
            [
                "input": ["tokens": 90, "per_million": "3.00", "cost": "0.00027", "tier": "standard"],
                "output": ["tokens": 30, "per_million": "12.00", "cost": "0.00036", "tier": "standard"],
            ]
        ], "cost": ["0.00063"], "own_cost": ["0.000525"],
        "balance": ["9.99937"], "balance_after": ["9.99937"], "from_balance": ["0.00063"], "from_quota": ["0.0000"],
        "total": ["29.00", 1], "subtotal": ["24.17"], "tax": ["4.83"], "refunded": ["0.00"], "tax_rates": [[]], "days_remaining": [10],
        "total_queries": [6], "queries": [6], "avg_tokens_per_query": [125], "avg_daily_usage": [.number("37.5")],
        "projected_monthly_usage": [1_125],
        "weekly_usage": [260], "peak_daily_usage": [80], "by_plan": [["pro": 1]], "by_status": [["active": 1]], "cancel_at": [.null],
        "pending_change": [.null], "is_canceling": [false], "cancel_at_period_end": [false], "is_pro": [false], "overage": [0],
        "attempts": [1], "page": [1], "charged": ["0.00063"], "margin": ["0.000105"], "margin_percent": [.number("16.67")],
    ]

    private static let times: [String: [JSON]] = [
        "current_period_start": [start], "period_start": [start], "start": [start], "start_date": [start], "from": [start],
        "current_period_end": [end], "period_end": [end], "end": [end], "next_billing_date": [end], "to": [end], "reset_date": [end],
        "effective_date": [end], "due_at": [end], "cycle_start": [start], "cycle_end": [end], "allowance_period_start": [start],
        "allowance_period_end": [end], "end_date": [.null], "paid_at": [.null], "trial_end": [.null], "revoked_at": [.null],
        "failing_since": [.null], "next_at": [.null], "resolved_at": [.null], "at": [middle, "period_end"], "now": [middle, .null],
        "date": ["2026-11-20"], "month": ["2026-11"], "peak_day": ["2026-11-20"],
    ]
}
