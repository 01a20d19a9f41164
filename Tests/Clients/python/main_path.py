"""What a shop's backend does with the client. Run by run.py, by way of a proxy that fails."""
import sys

from shopmeter import Batch, LimitReached, ShopMeter

meter = ShopMeter(sys.argv[1], sys.argv[2])
meter.request("PUT", "/v1/plans/client", {"allowances": {"tokens": 1000}})
user = "python|ada lovelace"
meter.request("POST", "/v1/subscriptions", {"user_id": user, "action": "create", "plan_name": "client"})

assert meter.check(user, 1001)["allowed"] is False
first, second = (meter.record(user, 300, event_id="q-1", dimensions={"model": "m"}) for _ in range(2))
assert second["duplicate"] and (first["remaining"], second["remaining"]) == (700, 700)

try:
    meter.record(user, 800, enforce=True)
    raise SystemExit("800 of 700 were not refused")
except LimitReached as refused:
    assert (refused.code, refused.members["available"]) == ("usage_limit_exceeded", 700)

with meter.hold(user, 500) as hold:
    assert meter.check(user)["available"] == 200
    hold.commit(120)
with meter.hold(user, 500):
    pass
assert meter.check(user)["available"] == 580

with Batch(meter, size=7) as batch:
    for _ in range(30):
        batch.add(user, 10)
assert not batch.rejected
# An answer that was lost makes the second one a duplicate.
recorded, rejected = meter.record_many([{"user_id": user, "amount": 5}, {"user_id": user, "amount": -1}])
assert recorded["status"] in ("recorded", "duplicate") and rejected["status"] == "rejected"
assert meter.check(user)["available"] == 275, meter.check(user)
print("done")
