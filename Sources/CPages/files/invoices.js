// All invoices, newest first.

import {download, get, path} from "./client.js";
import {h, notice, table} from "./dom.js";
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
    h("h1", "Invoices"), forTheAccountant(),
    h("nav.row", {"aria-label": "By status"}, [["", "All"], ...statuses.map((one) => [one, words(one)])].map(([value, title]) =>
      h("a", {href: to({status: value}), "aria-current": value === status ? "true" : null}, title))),
    h("section.card", table("Invoices", [
      ["Invoice", (one) => one.number], ["User", (one) => link(one.user_id)],
      ["Status", (one) => h("span.badge" + (kinds[one.status] ?? ""), words(one.status))],
      ["Issued", (one) => day(one.issued_at)], ["Due", (one) => day(one.due_at)],
      ["Total", (one) => money(one.total, one.currency), true],
      ["", (one) => keep("Page to print", `The page of ${one.number} to print`, () => download(path("invoices", one.number), {}, "text/html", `${one.number}.html`))],
    ], rows, "No invoice is like that."),
      page.next_cursor ? h("a", {href: to({status, cursor: page.next_cursor})}, "Older ones") : null),
  ];
}

/// A button that has the browser keep a file.
function keep(title, label, start) {
  const button = h("button", {type: "button", "aria-label": label, onclick: async () => {
    button.disabled = true;
    try { await start(); } catch (problem) { notice(problem.message); } finally { button.disabled = false; }
  }}, title);
  return button;
}

/// A month's invoices, credit notes and payments as tables.
function forTheAccountant() {
  const last = new Date();
  last.setUTCDate(0);
  const month = h("input", {id: "month", type: "month", required: true, value: last.toISOString().slice(0, 7)});
  const table = (title, collection) => keep(title, `${title} of the month as CSV`, () => {
    const from = new Date(`${month.value}-01T00:00:00Z`);
    const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
    return download(path("export", collection), {format: "csv", from: from.toISOString(), to: to.toISOString()}, "text/csv", `${collection}-${month.value}.csv`);
  });
  return h("section.card", h("h2", "A month for the accountant"), h("div.row",
    h("div.field", h("label", {for: "month"}, "Month (UTC)"), month),
    table("Invoices", "invoices"), table("Credit notes", "credit_notes"), table("Payments", "transactions")));
}
