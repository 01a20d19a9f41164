// Support's way in: a search for users.

import {get} from "./client.js";
import {h, append, table} from "./dom.js";
import {link} from "./overview.js";
import {compact, day, percent} from "./format.js";

const statuses = ["trialing", "active", "past_due", "suspended", "canceled"];

export async function users({query}) {
  const filters = {query: query.get("query") ?? "", plan: query.get("plan") ?? "", status: query.get("status") ?? "", over: query.get("over") ?? ""};
  const [page, plans] = await Promise.all([get("/v1/users", {...filters, limit: 50}), get("/v1/plans", {limit: 100})]);
  const rows = h("div");
  const more = h("button", {onclick: () => next()}, "More");
  let cursor = null;
  const add = (found) => {
    cursor = found.next_cursor ?? null;
    append(rows, [list(found.data, rows.childElementCount === 0)]);
    more.hidden = cursor === null;
  };
  async function next() {
    more.disabled = true;
    try { add(await get("/v1/users", {...filters, limit: 50, cursor})); } finally { more.disabled = false; }
  }
  add(page);
  return [h("h1", "Users"), form(filters, plans.data), h("section.card", rows, more)];
}

function form(filters, plans) {
  const search = h("input", {id: "query", type: "search", value: filters.query, maxlength: 256});
  const plan = select("plan", filters.plan, [["", "Any plan"], ...plans.map((one) => [one.plan_name, one.display_name || one.plan_name])]);
  const status = select("status", filters.status, [["", "Any status"], ...statuses.map((one) => [one, one.replaceAll("_", " ")])]);
  const over = select("over", filters.over, [["", "Any use"], ["true", "Over a limit"], ["false", "Within the limits"]]);
  return h("form.card", {role: "search", onsubmit: (event) => {
    event.preventDefault();
    const values = {query: search.value.trim(), plan: plan.value, status: status.value, over: over.value};
    location.hash = `#/users?${new URLSearchParams(Object.entries(values).filter(([, value]) => value))}`;
  }}, h("div.row",
    h("div.field.grow", h("label", {for: "query"}, "Id, name or e-mail"), search),
    h("div.field", h("label", {for: "plan"}, "Plan"), plan), h("div.field", h("label", {for: "status"}, "Status"), status),
    h("div.field", h("label", {for: "over"}, "Use"), over), h("button.main", "Search")));
}

const select = (id, chosen, options) =>
  h("select", {id}, options.map(([value, title]) => h("option", {value, selected: value === chosen}, title)));

const list = (users, isFirst) => users.length || isFirst ? table("Users", [
  ["User", (one) => [link(one.user_id), one.name ? h("div.quiet", one.name) : null, one.email ? h("div.quiet", one.email) : null]],
  ["Plan", (one) => one.plan_name], ["Status", (one) => (one.status ? one.status.replaceAll("_", " ") : h("span.quiet", "none"))],
  ["Tokens left", (one) => compact(one.balances.tokens?.remaining ?? null), true],
  ["Used", (one) => use(one.balances.tokens), true], ["Period ends", (one) => day(one.current_period_end)],
], users, "No user is like that. A part of an id, a name or an e-mail address is enough.") : null;

function use(balance) {
  if (!balance || balance.limit === null) return h("span.quiet", "unlimited");
  const kind = balance.usage_percentage >= 90 ? ".bad" : balance.usage_percentage >= 75 ? ".warn" : "";
  return h("span" + kind, percent(balance.usage_percentage));
}
