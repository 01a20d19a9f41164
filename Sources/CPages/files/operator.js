// The operator's pages: all shops, and the jobs.

import {get} from "./client.js";
import {h, table} from "./dom.js";
import {count, time, words} from "./format.js";

export async function shops({query}) {
  const page = await get("/v1/admin/shops", {limit: 100, cursor: query.get("cursor") ?? ""});
  return [
    h("h1", "Shops"), h("p.quiet", "What a shop's users do is shown to the shop's own keys."),
    h("section.card", table("Shops", [
      ["Shop", (one) => one.shop_id], ["Name", (one) => one.name], ["Currency", (one) => one.currency], ["Clock", (one) => one.clock],
      ["Since", (one) => time(one.created_at)],
    ], page.data, "There is no shop yet."),
      page.next_cursor ? h("a", {href: `#/?cursor=${encodeURIComponent(page.next_cursor)}`}, "More") : null),
  ];
}

export async function jobs() {
  const page = await get("/v1/admin/jobs");
  const all = page.data;
  return [
    h("h1", "Jobs"),
    h("section.card", table("Jobs", [
      ["Job", (one) => one.job], ["Last turn", (one) => time(one.last_run)], ["Next turn", (one) => time(one.next_run)],
      ["Did", (one) => Object.entries(one.counts).filter(([, number]) => number).map(([name, number]) => `${count(number)} ${words(name)}`).join(", ") || "nothing"],
      ["Stuck", (one) => (one.failed.length ? h("b.bad", count(one.failed.length)) : "0"), true],
    ], all)),
    h("section.card", h("h2", "What fails and is tried again"), table("What fails", [
      ["Shop", (one) => one.shop_id], ["User", (one) => one.user_id ?? "the shop as a whole"], ["Since", (one) => time(one.since)],
      ["Tries", (one) => count(one.failures), true], ["Next try", (one) => time(one.next_try)], ["Error", (one) => one.error],
    ], all.flatMap((one) => one.failed), "Nothing fails.")),
  ];
}
