// An end user's own page. The token comes behind the address's # and stays in this tab's memory; the page only reads.

import {signIn, get, ifThere, path} from "./client.js";
import {h, show, state, figure, table} from "./dom.js";
import {count, money, day, time, words} from "./format.js";
import {gauge, bars} from "./charts.js";

const main = document.getElementById("main");
const token = location.hash.slice(1);
if (token) history.replaceState(null, "", location.pathname + location.search);

const ended = () => show(main, h("h1", "This page has ended"),
  state("The link that brought you here is no longer valid. Go back to where you came from, and open it again."));

/// The shop's colour, where its text is legible on both grounds.
function paint(color) {
  if (!color) return;
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const bar = document.getElementById("bar");
  bar.style.background = color;
  document.getElementById("brand").style.color = (1.05 / (light + 0.05)) >= 4.5 ? "#ffffff" : "#000000";
}

/// What of a meter could be used after a purchase: it pays debt first, as everything does that adds to a balance.
function purchase(meters) {
  const usable = Object.entries(meters).filter(([, balance]) => balance.remaining !== null);
  if (!usable.length) return null;
  const answer = h("p", {role: "status"}, "");
  const meter = h("select", {id: "meter"}, usable.map(([name]) => h("option", {value: name}, words(name))));
  const amount = h("input", {id: "amount", inputmode: "numeric", value: "1000", "aria-describedby": "hint"});
  const work = () => {
    const [text, balance] = [amount.value.replace(/[\s,]/g, ""), meters[meter.value]];
    if (!/^\d{1,15}$/.test(text)) { show(answer, "Write a whole number, such as 1000."); return; }
    const [added, left] = [Number(text), Math.max(0, balance.limit - balance.used) + balance.rollover + balance.purchased - balance.reserved];
    show(answer, `With ${count(added)} more, ${count(Math.max(0, left + added))} ${words(meter.value)} could be used, instead of ${count(balance.remaining)}.`
      + (left < 0 ? ` ${count(Math.min(added, -left))} of them would pay what is owed or held.` : "") + " What is purchased stays until it is used.");
  };
  meter.addEventListener("change", work);
  amount.addEventListener("input", work);
  work();
  return h("section.card", h("h2", "What a purchase would add"),
    h("div.row", h("div.grow", h("label", {for: "meter"}, "Of"), meter), h("div.grow", h("label", {for: "amount"}, "How much"), amount)),
    h("p.quiet", {id: "hint"}, "Nothing is bought here."), answer);
}

function subscriptionCard(subscription) {
  if (!subscription) return null;
  const change = subscription.pending_change;
  return h("section.card", h("h2", "Subscription"),
    h("p", h("strong", subscription.plan_display_name), " ", h("span.badge", words(subscription.status))),
    h("p.quiet", `${money(subscription.monthly_fee, subscription.currency)} a month · this period ends on ${day(subscription.current_period_end)}.`),
    subscription.cancel_at ? h("p.warn", `It ends on ${day(subscription.cancel_at)}.`) : null,
    change ? h("p", `From ${day(change.effective_date)}: ${change.plan_name}.`) : null);
}

function invoicesCard(invoices) {
  if (!invoices) return null;
  return h("section.card", h("h2", "Invoices"), table("Invoices", [
    ["Number", (row) => row.number], ["Issued", (row) => day(row.issued_at)], ["Due", (row) => day(row.due_at)],
    ["Status", (row) => h("span.badge" + (row.status === "overdue" ? ".bad" : ""), words(row.status))],
    ["Total", (row) => money(row.total, row.currency), true],
  ], invoices.data, "There is no invoice yet."));
}

async function load() {
  const portal = await get("/v1/portal");
  const user = portal.user_id;
  document.title = `${portal.shop_name}: your account`;
  document.getElementById("brand").textContent = portal.shop_name;
  paint(portal.brand_color);
  const [usage, subscription, invoices, wallet] = await Promise.all([
    get(path("usage", user)), ifThere(get(path("subscriptions", user))),
    ifThere(get("/v1/invoices", {limit: 24})), ifThere(get(path("users", user, "wallet"))),
  ]);
  const meters = usage.balances;
  const tokens = meters.tokens;
  show(main, h("h1", "Your account"), h("p.quiet", user),
    h("div.grid",
      tokens ? figure("Tokens used in this period", count(tokens.used), `of ${count(tokens.limit)}`) : null,
      tokens ? figure("Tokens that can be used", count(tokens.remaining), "with what was carried over and bought") : null,
      wallet ? figure("Balance", money(wallet.balance, wallet.currency)) : null,
      figure("This period ends", day(usage.period.end), time(usage.period.end) + " UTC")),
    h("div.columns",
      h("section.card", h("h2", "Allowances"), Object.entries(meters).map(([name, balance]) => gauge(name, balance))),
      h("div", subscriptionCard(subscription), purchase(meters))),
    h("section.card", h("h2", "Tokens by day"),
      bars("Tokens by day", "tokens", usage.daily.map((one) => ({date: one.date, value: one.tokens})))),
    invoicesCard(invoices));
}

async function start() {
  if (!token) return ended();
  signIn(token, ended);
  try { await load(); } catch (problem) {
    if (problem.status === 401) return;
    show(main, h("h1", "Something went wrong"), h("p.problem", {role: "alert"}, problem.message),
      h("button.main", {type: "button", onclick: () => { show(main, state("Loading…")); start(); }}, "Try again"));
  }
}

start();
