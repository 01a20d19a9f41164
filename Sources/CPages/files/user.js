// One user: balances, days, and what happened in one timeline.

import {get, ifThere, path} from "./client.js";
import {bars, gauge} from "./charts.js";
import {h, figure} from "./dom.js";
import {count, day, money, time, times, words} from "./format.js";
import {actions, takeBack} from "./actions.js";

export async function user({id, again}) {
  const few = {limit: 50};
  const [usage, subscription, events, invoices, transactions, wallet, entries, refusals, changes, voids] = await Promise.all([
    get(path("usage", id)), ifThere(get(path("subscriptions", id), {include_history: true})), get(path("usage", id, "events"), few),
    ifThere(get("/v1/invoices", {user_id: id, ...few})), ifThere(get("/v1/transactions", {user_id: id, ...few})),
    ifThere(get(path("users", id, "wallet"))), ifThere(get(path("users", id, "wallet", "entries"), few)),
    ifThere(get("/v1/refusals", {user_id: id, ...few})), ifThere(get("/v1/audit-log", {user_id: id, ...few})),
    ifThere(get(path("usage", id, "voids"), few)),
  ]);
  const lists = {events, refusals, invoices, transactions, entries, changes, voids};
  return [
    h("h1", id),
    h("p.quiet", headline(usage, subscription)),
    actions({id, usage, subscription, wallet, again}),
    h("div.columns",
      h("section.card", h("h2", "What can be used"),
        Object.entries(usage.balances).map(([meter, balance]) => gauge(meter, balance)),
        h("p.quiet", `Period ${day(usage.period.start)} to ${day(usage.period.end)}, ${count(usage.period.days_remaining)} days left`)),
      h("section.card", h("h2", "Tokens by day"),
        bars("Tokens by day", "tokens", usage.daily.map((one) => ({date: one.date, value: one.tokens}))))),
    h("div.grid", figures(usage, subscription, wallet)),
    h("section.card", h("h2", "What happened"), timeline(lists, {id, again}),
      h("p", h("a", {href: `#/webhooks?${new URLSearchParams({user_id: id})}`}, "What endpoints were told about this user"))),
  ];
}

function headline(usage, subscription) {
  const plan = usage.plan.display_name || usage.plan.plan_name;
  if (!subscription) return `On ${plan}, without a subscription`;
  const ending = subscription.cancel_at_period_end ? `, ends on ${day(subscription.cancel_at ?? subscription.current_period_end)}` : "";
  return `On ${plan}, ${words(subscription.status)}${ending}`;
}

function figures(usage, subscription, wallet) {
  return [
    figure("Events in this period", count(usage.totals.queries), `${count(usage.totals.tokens)} tokens`),
    subscription ? figure("Next bill", subscription.next_billing_amount === null ? "none" : money(subscription.next_billing_amount, subscription.currency),
      `${money(subscription.monthly_fee, subscription.currency)} a month; credit ${money(subscription.credit_balance, subscription.currency)}`) : null,
    wallet ? figure("Wallet", money(wallet.balance, wallet.currency)) : null,
    subscription?.pending_change ? figure("Waits for the period's end", `${words(subscription.pending_change.action)} to ${subscription.pending_change.plan_name}`, day(subscription.pending_change.effective_date)) : null,
  ];
}

const items = (page) => (page ? page.data : []);

/// `[time, what, amount, detail]` of each list.
const readers = {
  events: (one, page) => [one.occurred_at, `Used ${count(one.amount)} ${one.meter}`, null, eventDetail(one),
    () => h("button", {type: "button", "aria-label": `Take back event ${one.event_id}`, onclick: () => takeBack({...page, event: one})}, "Take back")],
  refusals: (one) => [one.at, `Refused: ${words(one.type)} of ${count(one.check.requested)} ${one.check.meter}`, null, `${one.check.reason ?? ""} (${one.request_id})`, () => whyRefused(one)],
  changes: (one) => [one.at, changeWords(one), null, [one.reason, `by ${one.actor}`].filter(Boolean).join(" · ")],
  voids: (one) => [one.voided_at, `Taken back: ${count(one.amount)} ${one.meter} of event ${one.event_id}`, null, [one.reason, `by ${one.actor}`].filter(Boolean).join(" · ")],
  invoices: (one) => [one.issued_at, `Invoice ${one.number}, ${words(one.status)}`, money(one.total, one.currency), one.lines?.map((line) => line.description).join("; ")],
  transactions: (one) => [one.at, words(one.type), money(one.amount, one.currency), [one.invoice_number, one.reference].filter(Boolean).join(" · ")],
  entries: (one) => [one.created_at, `Wallet: ${words(one.type)}`, money(one.amount), [one.reason, one.charge?.model].filter(Boolean).join(" · ")],
};

function eventDetail(one) {
  const from = Object.entries(one.breakdown).filter(([, amount]) => amount > 0).map(([name, amount]) => `${count(amount)} ${words(name)}`);
  const dimensions = Object.entries(one.dimensions ?? {}).map(([name, value]) => `${name}=${value}`);
  return [`event ${one.event_id}`, from.join(", "), one.reference_id, one.description, dimensions.join(" ")].filter(Boolean).join(" · ");
}

const changeWords = (one) => `${words(one.action.replace(".", " "))}${one.target ? `: ${one.target}` : ""}`;

/// What `check` said at the instant of the refusal.
function whyRefused({check}) {
  const would = Object.entries(check.would_take ?? {}).filter(([, amount]) => amount > 0).map(([name, amount]) => `${count(amount)} ${words(name)}`);
  return h("details", h("summary", "Why was this refused"), h("dl",
    h("dt", "Asked for"), h("dd", `${count(check.requested)} ${check.meter}`),
    h("dt", "Was left"), h("dd", count(check.available)),
    h("dt", "Allowance"), h("dd", `${count(check.current)} of ${count(check.limit)} used`),
    check.reserved ? [h("dt", "On hold"), h("dd", count(check.reserved))] : null,
    would.length ? [h("dt", "It would have taken"), h("dd", would.join(", "))] : null));
}

function timeline(lists, page) {
  const all = Object.entries(lists).flatMap(([name, list]) => items(list).map((one) => readers[name](one, page)));
  all.sort((a, b) => (a[0] < b[0] ? 1 : -1));
  if (!all.length) return h("p.quiet", "Nothing yet.");
  const isCut = Object.values(lists).some((page) => page?.next_cursor);
  return [
    h("ol.timeline", all.map(([at, what, amount, detail, more]) => h("li",
      h("time", {datetime: at, title: times(at)}, time(at)), h("div.what", what), h("div.number", amount ?? ""),
      detail || more ? h("div.detail", detail, " ", more ? more() : null) : null))),
    isCut ? h("p.quiet", "The newest 50 of each kind. Older ones are in the exports.") : null,
  ];
}
