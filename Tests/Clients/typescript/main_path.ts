// What a shop's backend does with the client. Run by run.py, by way of a proxy that fails.
import {Batch, LimitReached, ShopMeter} from "./shopmeter.ts";

declare const process: {argv: string[]};
const meter = new ShopMeter(process.argv[2], process.argv[3]);
const user = "typescript|ada lovelace";

function expect(what: unknown, wanted: unknown): void {
  if (JSON.stringify(what) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(what)} in place of ${JSON.stringify(wanted)}`);
}

await meter.request("PUT", "/v1/plans/client", {allowances: {tokens: 1000}});
await meter.request("POST", "/v1/subscriptions", {user_id: user, action: "create", plan_name: "client"});

expect((await meter.check(user, 1001)).allowed, false);
const event = {event_id: "q-1", user_id: user, amount: 300, dimensions: {model: "m"}};
const [first, second] = [await meter.record(event), await meter.record(event)];
expect([first.remaining, second.remaining, second.duplicate], [700, 700, true]);

const refused = await meter.record({user_id: user, amount: 800, enforce: true}).catch((error) => error);
if (!(refused instanceof LimitReached)) throw new Error(`800 of 700 were not refused: ${refused}`);
expect([refused.code, refused.members.available], ["usage_limit_exceeded", 700]);

await meter.hold(user, 500, async (commit) => {
  expect((await meter.check(user)).available, 200);
  await commit(120);
});
await meter.hold(user, 500, async () => {});
expect((await meter.check(user)).available, 580);

const batch = new Batch(meter, 7);
for (let count = 0; count < 30; count += 1) await batch.add({user_id: user, amount: 10});
await batch.flush();
expect(batch.rejected, []);
// An answer that was lost makes the second one a duplicate.
const [recorded, rejected] = await meter.recordMany([{user_id: user, amount: 5}, {user_id: user, amount: -1}]);
expect([["recorded", "duplicate"].includes(recorded.status), rejected.status], [true, "rejected"]);
expect((await meter.check(user)).available, 275);
console.log("done");
