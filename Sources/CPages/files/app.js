// Signing in, the bar, and which page an address (`#/users/ada`) shows.

import {get, signIn, signOut, Problem} from "./client.js";
import {h, show, state} from "./dom.js";
import {overview} from "./overview.js";
import {users} from "./users.js";
import {user} from "./user.js";
import {invoices} from "./invoices.js";
import {webhooks} from "./webhooks.js";
import {shops, jobs} from "./operator.js";

const pages = {
  shop: [["", "Overview", overview], ["users", "Users", users], ["invoices", "Invoices", invoices], ["webhooks", "Webhooks", webhooks]],
  admin: [["", "Shops", shops], ["jobs", "Jobs", jobs]],
};

const main = document.getElementById("main");
const bar = document.getElementById("bar");
let role = null;
let shown = 0;

function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [first = "", second] = path.split("/").map(decodeURIComponent);
  return {first, second, query: new URLSearchParams(query)};
}

async function render() {
  if (!role) return signInPage();
  const {first, second, query} = route();
  const entry = pages[role].find(([name]) => name === first) ?? pages[role][0];
  const page = role === "shop" && first === "users" && second ? user : entry[2];
  drawBar(entry[0]);
  const number = ++shown;
  show(main, state("Loading…"));
  main.setAttribute("aria-busy", "true");
  try {
    const content = await page({id: second, query, again: render});
    if (number !== shown || !role) return;
    show(main, content);
    document.title = `${main.querySelector("h1")?.textContent ?? "ShopMeter"} · ShopMeter`;
  } catch (problem) {
    if (number === shown && role) show(main, failure(problem, render));
  } finally {
    main.removeAttribute("aria-busy");
  }
}

export function failure(problem, again) {
  const known = problem instanceof Problem;
  if (!known) console.error(problem);
  return h("div.problem", {role: "alert"},
    h("h1", problem.code === "offline" ? "No connection" : problem.status === 404 ? "Not found" : problem.status === 403 ? "Not allowed with this key" : "This did not work"),
    h("p", known ? problem.message : "The page itself failed. Reload it, and report what you did."),
    problem.requestID ? h("p.quiet", `Request ${problem.requestID}`) : null,
    h("button", {onclick: again}, "Try again"));
}

function drawBar(current) {
  bar.hidden = false;
  show(bar,
    h("a.brand", {href: "#/"}, "ShopMeter"),
    h("nav", {"aria-label": "Pages"}, pages[role].map(([name, title]) =>
      // A click on the page that is shown reads it again, as the address stays the same.
      h("a", {href: `#/${name}`, "aria-current": name === current ? "page" : null, onclick: () => { if (location.hash === `#/${name}`) render(); }}, title))),
    h("div.end", h("span.quiet", role === "admin" ? "Operator" : "Shop"), h("button", {onclick: () => leave("")}, "Sign out")));
}

function leave(reason) {
  signOut();
  role = null;
  shown++;
  bar.hidden = true;
  document.querySelectorAll("dialog").forEach((dialog) => dialog.remove());
  signInPage(reason);
}

function signInPage(reason = "") {
  document.title = "Sign in · ShopMeter";
  const input = h("input", {id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "key-hint key-error"});
  const error = h("p.error", {id: "key-error", role: "alert"}, reason);
  const button = h("button.main", "Sign in");
  const form = h("form.card.sign-in", {onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    signIn(input.value, () => { if (role) leave("The key is no longer valid. Sign in with another one."); });
    try {
      role = await roleOf();
      render();
    } catch (problem) {
      signOut();
      role = null;
      error.textContent = problem.status === 401 ? "This is neither an API key of a shop nor the admin token." : problem.message;
      input.setAttribute("aria-invalid", "true");
    } finally {
      button.disabled = false;
    }
  }},
    h("h1", "ShopMeter"),
    h("div.field", h("label", {for: "key"}, "API key or admin token"), input,
      h("p.hint", {id: "key-hint"}, "A shop's key shows the shop; the operator's admin token shows all shops and the jobs. It is kept in this tab's memory until you reload or leave."),
      error),
    button);
  show(main, form);
  input.focus();
}

/// Whose the credential is: a shop's key may not list the shops, the operator may.
async function roleOf() {
  try {
    await get("/v1/admin/shops", {limit: 1});
    return "admin";
  } catch (problem) {
    if (problem.status === 403) return "shop";
    throw problem;
  }
}

addEventListener("hashchange", () => { render(); main.focus({preventScroll: true}); scrollTo(0, 0); });
render();
