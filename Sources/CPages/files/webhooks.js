// What the shop's endpoints are told: the endpoints, and each delivery with what was sent and answered.

import {call, get, ifThere, newID, path} from "./client.js";
import {h, notice, table} from "./dom.js";
import {link} from "./overview.js";
import {count, time, times, words} from "./format.js";

const statuses = ["pending", "delivered", "failed"];
const kinds = {failed: ".bad", delivered: ".good", pending: ".warn"};

export async function webhooks({query, again}) {
  const filters = {status: query.get("status") ?? "", endpoint_id: query.get("endpoint_id") ?? "", user_id: query.get("user_id") ?? ""};
  const [endpoints, page] = await Promise.all([
    ifThere(get("/v1/webhook-endpoints", {limit: 100})), ifThere(get("/v1/webhook-deliveries", {...filters, limit: 50, cursor: query.get("cursor") ?? ""})),
  ]);
  if (!endpoints || !page) return [h("h1", "Webhooks"), h("p.quiet", "This key may not see them: it needs the scope manage.")];
  const to = (values) => `#/webhooks?${new URLSearchParams(Object.entries({...filters, ...values}).filter(([, value]) => value))}`;
  return [
    h("h1", "Webhooks"),
    h("section.card", h("h2", "Endpoints"), table("Webhook endpoints", [
      ["Address", (one) => [h("a", {href: to({endpoint_id: one.endpoint_id})}, one.url), one.description ? h("div.quiet", one.description) : null]],
      ["Status", (one) => [h("span.badge" + (one.status === "enabled" ? ".good" : ".bad"), one.status), one.disabled_reason ? h("div.quiet", one.disabled_reason) : null]],
      ["Failing since", (one) => (one.failing_since ? h("b.bad", time(one.failing_since)) : "–")],
      ["Told of", (one) => (one.events.length > 3 ? h("details", h("summary", `${count(one.events.length)} types`), one.events.join(", ")) : one.events.join(", "))],
      ["", (one) => endpointActions(one, again)],
    ], endpoints.data, "The shop has no endpoint: POST /v1/webhook-endpoints makes one.")),
    h("section.card", h("h2", "Deliveries"),
      h("nav.row", {"aria-label": "By status"}, [["", "All"], ...statuses.map((one) => [one, one])].map(([value, title]) =>
        h("a", {href: to({status: value}), "aria-current": value === filters.status ? "true" : null}, title))),
      filters.user_id || filters.endpoint_id ? h("p.quiet", `Only those ${filters.user_id ? `about ${filters.user_id}` : "to one endpoint"}. `, h("a", {href: to({user_id: "", endpoint_id: ""})}, "Show all")) : null,
      page.data.length ? page.data.map((one) => delivery(one, endpoints.data, again)) : h("p.quiet", "No delivery is like that. They are kept for 30 days."),
      page.next_cursor ? h("a", {href: to({cursor: page.next_cursor})}, "Older ones") : null),
  ];
}

function endpointActions(one, again) {
  const place = path("webhook-endpoints", one.endpoint_id);
  return h("div.row",
    act("Send a test", `Send a test to ${one.url}`, "A test is on its way.", () => call("POST", `${place}/test`, {}, newID("k")), again),
    one.status === "disabled" ? act("Enable", `Enable ${one.url}`, "The endpoint is enabled.", () => call("PATCH", place, {status: "enabled"}), again) : null);
}

/// A button that does one thing at once, as it can be done again without harm.
function act(title, label, done, send, again) {
  const button = h("button", {type: "button", "aria-label": label, onclick: async () => {
    button.disabled = true;
    try {
      await send();
      notice(done);
      again();
    } catch (problem) {
      notice(problem.message);
      button.disabled = false;
    }
  }}, title);
  return button;
}

function delivery(one, endpoints, again) {
  const endpoint = endpoints.find((each) => each.endpoint_id === one.endpoint_id);
  const last = one.last_attempts.at(-1);
  return h("details.table", h("summary",
    h("span.badge" + (kinds[one.status] ?? ""), one.status), " ", h("strong", one.type), " ", one.user_id ? `about ${one.user_id}, ` : "", time(one.created_at),
    last ? h("span.quiet", ` · ${last.status ? `answered ${last.status}` : last.error}, ${count(one.attempts)} ${one.attempts === 1 ? "attempt" : "attempts"}`) : h("span.quiet", " · not sent yet")),
    h("dl",
      h("dt", "To"), h("dd", endpoint ? endpoint.url : "an endpoint that was deleted"),
      one.user_id ? [h("dt", "About"), h("dd", link(one.user_id))] : null,
      h("dt", "Message"), h("dd", h("code", one.message_id)),
      one.next_at ? [h("dt", "Sent next"), h("dd", times(one.next_at))] : null,
      one.note ? [h("dt", "Given up"), h("dd", one.note)] : null),
    h("h3", "Request"), h("pre.code", {tabindex: "0", "aria-label": "What is sent"}, pretty(one.body)),
    h("h3", "Attempts"), table("Attempts", [
      ["When", (each) => times(each.at)], ["Took", (each) => `${count(each.duration_ms)} ms`, true],
      ["Answer", (each) => (each.status === null ? h("b.bad", each.error) : h("span" + (each.status < 300 ? ".good" : ".bad"), String(each.status)))],
      ["Its beginning", (each) => (each.answer ? h("code", each.answer) : "–")],
    ], [...one.last_attempts].reverse(), "It was not sent yet."),
    one.status === "pending" ? null : act("Send again", `Send ${one.type} again`, "It is sent again, with the same message id.", () => call("POST", `${path("webhook-deliveries", one.delivery_id)}/resend`, {}, newID("k")), again));
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
