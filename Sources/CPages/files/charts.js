// Charts as SVG, each with its table behind it.

import {h, table} from "./dom.js";
import {compact, count} from "./format.js";

/// Bars by day; `days`: `[{date, value}]`, oldest first.
export function bars(title, unit, days) {
  if (!days.some((one) => one.value > 0)) return h("p.quiet", "Nothing on any of these days yet.");
  const [width, height, left, bottom] = [720, 200, 52, 22];
  const top = Math.max(...days.map((one) => one.value));
  const step = (width - left) / days.length;
  const y = (value) => (height - bottom) - (value / top) * (height - bottom - 12);
  const every = Math.ceil(days.length / 8);
  const sum = days.reduce((total, one) => total + one.value, 0);
  return h("div.chart",
    h("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${count(sum)} ${unit} in ${days.length} days, at most ${count(top)} a day`},
      [0, 0.5, 1].map((part) => [
        h("line.rule", {x1: left, x2: width, y1: y(top * part), y2: y(top * part)}),
        h("text.axis", {x: left - 6, y: y(top * part) + 4, "text-anchor": "end"}, compact(Math.round(top * part)))]),
      days.map((one, index) => [
        h("rect.value", {x: left + index * step + step * 0.12, width: Math.max(1, step * 0.76), y: y(one.value), height: Math.max(0, height - bottom - y(one.value)), rx: Math.min(3, step / 4)},
          h("title", `${one.date}: ${count(one.value)} ${unit}`)),
        index % every === 0 ? h("text.axis", {x: left + (index + 0.5) * step, y: height - 6, "text-anchor": "middle"}, one.date.slice(5)) : null])),
    h("details", h("summary", "As a table"),
      table(title, [["Day", (one) => one.date], [unit, (one) => count(one.value), true]], [...days].reverse())));
}

/// A meter's balance: what of each source is there, and what is used.
export function gauge(meter, balance) {
  const {limit, used, rollover, purchased, reserved, remaining} = balance;
  const free = limit === null ? null : Math.max(0, limit - used - reserved);
  const parts = [
    ["used", Math.min(used, limit ?? used), 1], ["on hold", reserved, 3], ["left of the plan", free ?? 0, 0],
    ["carried over", Math.max(0, rollover), 2], ["purchased", purchased, 2], ["debt", Math.max(0, -rollover), 4],
  ].filter(([, amount]) => amount > 0);
  const total = parts.reduce((sum, [, amount]) => sum + amount, 0) || 1;
  let x = 0;
  const head = limit === null ? `${count(used)} used, unlimited` : `${count(used)} of ${count(limit)} used`;
  return h("div.gauge",
    h("div.head", h("strong", meter), h("span", head, ", ", h("b" + (remaining === 0 ? ".bad" : ""), `${count(remaining)} can be used`))),
    h("svg", {viewBox: "0 0 100 14", preserveAspectRatio: "none", role: "img", "aria-label": `${meter}: ${parts.map(([name, amount]) => `${count(amount)} ${name}`).join(", ") || "nothing used"}`},
      parts.map(([name, amount, part]) => {
        const rect = h(`rect.part-${part}`, {x, width: (amount / total) * 100, y: 0, height: 14}, h("title", `${count(amount)} ${name}`));
        x += (amount / total) * 100;
        return rect;
      })),
    h("ul.legend", parts.map(([name, amount, part]) => h("li", h(`i.part-${part}`), `${name} ${count(amount)}`))));
}
