// All invoices, newest first.

import {get} from "./client.js";
import {h, table} from "./dom.js";
import {link} from "./overview.js";
import {day, money, words} from "./format.js";

const statuses = ["pending", "paid", "overdue", "cancelled", "refunded"];
const kinds = {overdue: ".bad", paid: ".good", pending: ".warn"};

export async function invoices({query}) {
  const status = query.get("status") ?? "";
  const page = await get("/v1/invoices", {status, limit: 100, cursor: query.get("cursor") ?? ""});
  const rows = page.data;
  const to = (values) => `#/invoices?${new URLSearchParams(Object.entries(values).filter(([, value]) => value))}`;
  return [
    h("h1", "Invoices"),
    h("nav.row", {"aria-label": "By status"}, [["", "All"], ...statuses.map((one) => [one, words(one)])].map(([value, title]) =>
      h("a", {href: to({status: value}), "aria-current": value === status ? "true" : null}, title))),
    h("section.card", table("Invoices", [
      ["Invoice", (one) => one.number], ["User", (one) => link(one.user_id)],
      ["Status", (one) => h("span.badge" + (kinds[one.status] ?? ""), words(one.status))],
      ["Issued", (one) => day(one.issued_at)], ["Due", (one) => day(one.due_at)],
      ["Total", (one) => money(one.total, one.currency), true],
    ], rows, "No invoice is like that."),
      page.next_cursor ? h("a", {href: to({status, cursor: page.next_cursor})}, "Older ones") : null),
  ];
}
