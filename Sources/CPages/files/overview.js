// The owner's page: how the shop does.

import {get, ifThere} from "./client.js";
import {bars} from "./charts.js";
import {h, figure, table} from "./dom.js";
import {compact, count, money, percent, time} from "./format.js";

const dayMilliseconds = 86_400_000;

export async function overview() {
  const from = new Date(Date.now() - 30 * dayMilliseconds).toISOString().slice(0, 10);
  const [now, daily, open, late, errors] = await Promise.all([
    get("/v1/analytics"), get("/v1/analytics/daily", {from, limit: 31}), ifThere(get("/v1/invoices", {status: "pending", limit: 20})),
    ifThere(get("/v1/invoices", {status: "overdue", limit: 20})), ifThere(get("/v1/billing-errors", {resolved: false, limit: 10})),
  ]);
  const overdue = late ? late.data : null;
  return [
    h("h1", "Overview"), h("p.quiet", `As of ${time(now.at)} UTC`),
    h("div.grid",
      figure("Recurring revenue a month", money(now.monthly_recurring_revenue, now.currency), "yearly fees count with a twelfth"),
      figure("Subscriptions", count(now.subscriptions.total), statuses(now.subscriptions.by_status)),
      figure("Tokens used", compact(now.tokens_used), `${count(now.queries)} events in the current periods`),
      figure("Users over 80 %", count(now.users_over_80), `${count(now.users_over_100)} of them over their limit; ${count(now.forecast_to_exceed)} will pass it`),
      overdue ? figure("Overdue invoices", atLeast(overdue, late), open ? `${atLeast(open.data, open)} more are open` : "") : null),
    h("section.card", h("h2", "Tokens by day"),
      bars("Tokens by day", "tokens", (daily.data).map((one) => ({date: one.date, value: one.tokens})))),
    h("div.columns",
      h("section.card", h("h2", "Users near or over their limit"), userTable("Users near their limit", now.users_near_limit, "Nobody is near a limit.")),
      h("section.card", h("h2", "Who uses most"), userTable("Users who use most", now.top_users, "Nothing was used yet.")),
      h("section.card", h("h2", "Subscriptions by plan"),
        table("Subscriptions by plan", [["Plan", (one) => one[0]], ["Subscriptions", (one) => count(one[1]), true]],
          Object.entries(now.subscriptions.by_plan).sort((a, b) => b[1] - a[1]), "No subscription yet.")),
      errors ? h("section.card", h("h2", "Charges that nobody could pay"), errorTable(errors.data)) : null,
      overdue ? h("section.card", h("h2", "Overdue"), table("Overdue invoices", [
        ["Invoice", (one) => one.number], ["User", (one) => link(one.user_id)], ["Total", (one) => money(one.total, one.currency), true],
      ], overdue, "No invoice is overdue.")) : null),
  ];
}

const atLeast = (list, page) => count(list.length) + (page.next_cursor ? "+" : "");
const statuses = (counts) => Object.entries(counts).map(([status, number]) => `${count(number)} ${status.replaceAll("_", " ")}`).join(", ");
export const link = (id) => h("a", {href: `#/users/${encodeURIComponent(id)}`}, id);

const userTable = (caption, users, empty) => table(caption, [
  ["User", (one) => link(one.user_id)], ["Plan", (one) => one.plan_name], ["Tokens", (one) => compact(one.tokens), true],
  ["Of limit", (one) => (one.limit === null ? "unlimited" : percent(one.usage_percentage)), true],
], users, empty);

const errorTable = (errors) => table("Charges that nobody could pay", [
  ["When", (one) => time(one.created_at)], ["User", (one) => link(one.user_id)],
  ["Required", (one) => money(one.required, one.currency), true],
], errors, "Every charge was paid.");
