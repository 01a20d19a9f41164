// What support can do for a user. Each asks first, with what the service itself says will be.

import {call, get, newID, path} from "./client.js";
import {h, show, notice} from "./dom.js";
import {count, day, money} from "./format.js";

export function actions({id, usage, subscription, wallet, again}) {
  const meters = Object.keys(usage.balances);
  const isLive = subscription && subscription.status !== "canceled";
  const ends = isLive ? `The period ends on ${day(subscription.current_period_end)}.` : "";
  const all = [
    ["Change plan", () => changePlan(id, subscription, again)],
    ["Add a purchase", () => ask({
      title: `Purchase for ${id}`, button: "Add it", again,
      fields: [meterField(meters), amountField("Amount"), {name: "price", title: "Price (may be left empty)", pattern: "[0-9]+([.][0-9]+)?"}],
      outcome: ({meter, amount}) => outcomeOf(usage.balances[meter], meter, Number(amount)),
      send: ({meter, amount, price}) => call("POST", path("usage", id, "purchases"), {purchase_id: newID("p"), meter, amount: Number(amount), ...(price ? {price} : {})}),
    })],
    ["Set a balance right", () => ask({
      title: `Set a balance of ${id} right`, button: "Set it right", again,
      fields: [meterField(meters), {name: "amount", title: "Amount", required: true, pattern: "-?[0-9]{1,16}", hint: "A whole number: above 0 is given, below 0 is taken"}, reasonField],
      outcome: ({meter, amount}) => outcomeOf(usage.balances[meter], meter, Number(amount)),
      send: ({meter, amount, reason}) => call("POST", path("usage", id, "adjustments"), {adjustment_id: newID("a"), meter, amount: Number(amount), reason}),
    })],
    wallet && ["Add to the wallet", () => ask({
      title: `Credit the wallet of ${id}`, button: "Add it", again,
      fields: [{name: "amount", title: `Amount (${wallet.currency})`, required: true, pattern: "[0-9]{1,15}([.][0-9]{1,10})?", hint: "Such as 5.00"}, reasonField],
      outcome: ({amount}) => (amount ? [["Balance", `${money(wallet.balance, wallet.currency)} and ${amount}`]] : []),
      send: ({amount, reason}) => call("POST", path("users", id, "wallet", "credits"), {credit_id: newID("c"), amount, reason}),
    })],
    isLive && !subscription.cancel_at_period_end && ["Cancel", () => ask({
      title: `Cancel the subscription of ${id}`, button: "Cancel it", danger: true, again,
      fields: [{name: "at", title: "When", options: [["period_end", `At the period's end, ${day(subscription.current_period_end)}`], ["now", "Now: the rest becomes credit by the shop's rule"]]}],
      outcome: () => [["Plan until then", subscription.plan_name], ["After it", "the free plan"]],
      send: ({at}) => call("POST", path("subscriptions", id, "cancel"), {at}, newID("k")),
    })],
    isLive && subscription.status !== "suspended" && ["Suspend", () => ask({
      title: `Suspend ${id}`, button: "Suspend", danger: true, again, fields: [reasonField],
      outcome: () => [["Now", "nothing of the plan can be used until it is resumed"]],
      send: ({reason}) => call("POST", path("subscriptions", id, "suspend"), {reason}, newID("k")),
    })],
    isLive && (subscription.status === "suspended" || subscription.cancel_at_period_end) && ["Resume", () => ask({
      title: `Resume ${id}`, button: "Resume", again, fields: [], outcome: () => [["Then", "the subscription goes on"]],
      send: () => call("POST", path("subscriptions", id, "resume"), {}, newID("k")),
    })],
    isLive && ["Reset the period", () => ask({
      title: `Close the period of ${id} now`, button: "Close it", danger: true, again, fields: [],
      outcome: () => [["Closes", ends], ["Opens", "a new period with a full allowance; what the closed one costs is billed"]],
      send: () => call("POST", path("subscriptions", id, "reset"), {}, newID("k")),
    })],
  ];
  return h("div.row", {role: "group", "aria-label": "Actions"}, all.filter(Boolean).map(([title, open]) => h("button", {onclick: open}, title)));
}

async function changePlan(id, subscription, again) {
  const plans = await get("/v1/plans", {limit: 200});
  const sold = (plans.data).filter((plan) => plan.is_active !== false);
  if (!sold.length) return notice("The shop sells no plan.");
  const isLive = subscription && subscription.status !== "canceled";
  const change = ({plan_name, effective}) => ({user_id: id, plan_name, action: isLive ? "change" : "create", ...(isLive ? {effective} : {})});
  ask({
    title: `Change the plan of ${id}`, button: "Change it", again,
    fields: [
      {name: "plan_name", title: "Plan", options: sold.map((plan) => [plan.plan_name, plan.display_name || plan.plan_name])},
      {name: "effective", title: "From", options: [["now", "Now"], ["period_end", "The next period"]]},
    ],
    outcome: async (values) => previewOf(await call("POST", "/v1/subscriptions/preview", change(values)), values),
    send: (values) => call("POST", "/v1/subscriptions", change(values), newID("k")),
  });
}

/// What the service says that the change would come to.
function previewOf({subscription, invoices}, {effective}) {
  const later = effective === "period_end";
  const lines = [
    ["Plan", `${subscription.plan_display_name}${later ? ` until ${day(subscription.current_period_end)}: ${subscription.message}` : ""}`],
    later ? null : ["Can be used then", `${count(subscription.remaining_tokens)} tokens of ${count(subscription.allocated_tokens)}`],
    ["Next bill", subscription.next_billing_date ? day(subscription.next_billing_date) : "none"],
  ];
  const bills = invoices.map((one) => [`Invoice ${one.number}`, `${money(one.total, one.currency)}: ${one.lines.map((line) => `${line.description} ${money(line.amount)}`).join("; ")}`]);
  return [...lines.filter(Boolean), ...(bills.length ? bills : [["Billed now", "nothing"]])];
}

/// Takes an event back, whole or in part.
export function takeBack({id, event, again}) {
  ask({
    title: `Take event ${event.event_id} back`, button: "Take it back", danger: true, again,
    fields: [{name: "amount", title: "Amount", value: String(event.amount), required: true, pattern: "[0-9]{1,16}", hint: `Of ${count(event.amount)} ${event.meter}`}, reasonField],
    outcome: ({amount}) => [["Goes back", `${count(Number(amount) || 0)} ${event.meter}, to where they were taken from: ${Object.entries(event.breakdown).filter(([, part]) => part > 0).map(([name, part]) => `${count(part)} ${name.replaceAll("_", " ")}`).join(", ") || "nothing"}`]],
    send: ({amount, reason}) => call("POST", path("usage", id, "events", event.event_id, "void"), {void_id: newID("v"), amount: Number(amount), reason}),
  });
}

const meterField = (meters) => ({name: "meter", title: "Meter", options: meters.map((meter) => [meter, meter])});
const amountField = (title) => ({name: "amount", title, required: true, pattern: "[0-9]{1,16}", hint: "A whole number"});
const reasonField = {name: "reason", title: "Reason", required: true, maxlength: 500, hint: "It is kept with who did it."};

function outcomeOf(balance, meter, amount) {
  if (!Number.isFinite(amount) || amount === 0 || !balance) return [];
  const after = balance.remaining === null ? "unlimited" : count(Math.max(0, balance.remaining + amount));
  return [[`${meter} that can be used`, `${count(balance.remaining)} → ${after}`]];
}

/// A form in a dialog: `fields` `{name, title, value?, options?, required?, pattern?, hint?}`, `outcome(values)` the lines that say what will be, or a promise of them,
/// `send(values)` does it. The page is read again after it.
function ask({title, fields, outcome, send, button, danger, again}) {
  const inputs = Object.fromEntries(fields.map((field) => [field.name, field.options
    ? h("select", {id: `f-${field.name}`}, field.options.map(([value, text]) => h("option", {value}, text)))
    : h("input", {id: `f-${field.name}`, value: field.value ?? "", required: field.required, pattern: field.pattern, maxlength: field.maxlength ?? 64, title: field.hint})]));
  const values = () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]));
  const preview = h("div.outcome", {"aria-live": "polite"});
  const error = h("p.error.bad", {role: "alert"});
  const submit = h(`button.${danger ? "danger" : "main"}`, {type: "submit"}, button);
  let asked = 0;
  const update = async () => {
    const number = ++asked;
    let lines = outcome(values());
    if (lines instanceof Promise) {
      submit.disabled = true;
      show(preview, h("p.quiet", "Working it out …"));
      try { lines = await lines; } catch (problem) { lines = [["Not possible", problem.message]]; }
      if (number === asked) submit.disabled = lines[0]?.[0] === "Not possible";
    }
    // The answer to what is no more asked.
    if (number !== asked) return;
    preview.hidden = !lines.length;
    show(preview, h("dl", lines.map(([name, text]) => [h("dt", name), h("dd", text)])));
  };
  const dialog = h("dialog", {"aria-labelledby": "dialog-title", onclose: () => dialog.remove()},
    h("form", {oninput: update, onchange: update, onsubmit: async (event) => {
      event.preventDefault();
      submit.disabled = true;
      error.textContent = "";
      try {
        await send(values());
        dialog.close();
        notice("Done.");
        again();
      } catch (problem) {
        error.textContent = [problem.message, ...(problem.fields ?? []).map((one) => `${one.field}: ${one.message}`)].join(" ");
        submit.disabled = false;
      }
    }},
      h("h2", {id: "dialog-title"}, title),
      fields.map((field) => h("div.field", h("label", {for: `f-${field.name}`}, field.title), inputs[field.name], field.hint ? h("p.hint", field.hint) : null)),
      preview, error,
      h("div.row", h("button", {type: "button", onclick: () => dialog.close()}, "Leave it"), submit)));
  document.getElementById("dialogs").append(dialog);
  update();
  dialog.showModal();
}
