// Elements, made by `h("p.quiet", {title: "…"}, child, …)`: children are nodes, texts, or lists of them; null is nothing. Text never becomes HTML.

const svgNames = new Set(["svg", "rect", "path", "line", "text", "g", "title"]);

export function h(name, ...rest) {
  const [tag, ...classes] = name.split(".");
  const element = svgNames.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  const isAttributes = rest[0] && typeof rest[0] === "object" && !(rest[0] instanceof Node) && !Array.isArray(rest[0]);
  const attributes = isAttributes ? rest.shift() : {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  append(element, rest);
  return element;
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

export const show = (element, ...children) => append((element.replaceChildren(), element), children);

export const state = (text) => h("p.state", text);

export const figure = (label, value, note) =>
  h("div.card.figure", h("div.label", label), h("div.value", value), note ? h("div.note", note) : null);

/// `columns`: `[title, row => cell, isNumber]`.
export function table(caption, columns, rows, empty = "Nothing yet.") {
  if (!rows.length) return h("p.quiet", empty);
  const kind = (column) => (column[2] ? ".number" : "");
  return h("div.scroll", {tabindex: "0", role: "region", "aria-label": caption},
    h("table", h("caption.hidden-text", caption),
      h("thead", h("tr", columns.map((column) => h("th" + kind(column), {scope: "col"}, column[0])))),
      h("tbody", rows.map((row) => h("tr", columns.map((column) => h("td" + kind(column), column[1](row))))))));
}

export function notice(text) {
  const place = document.getElementById("notice");
  place.textContent = text;
  setTimeout(() => { if (place.textContent === text) place.textContent = ""; }, 6000);
}
