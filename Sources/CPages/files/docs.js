// The interface as a page, made of the document that the service gives of itself.

import {h, show, state, table} from "./dom.js";
import {samples} from "./samples.js";

const main = document.getElementById("main");
const methods = ["get", "post", "put", "patch", "delete"];

let document_ = null;
const resolve = (schema) => (schema?.$ref ? schema.$ref.slice(2).split("/").reduce((value, name) => value[name], document_) : schema ?? {});

/// Texts with `code` in them.
const prose = (text) => (text ?? "").split("`").map((part, index) => (index % 2 ? h("code", part) : part));

function typeName(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" or ");
  if (schema.type === "array") return `list of ${typeName(schema.items ?? {})}`;
  if (schema.enum) return schema.enum.length > 8 ? "one of several" : schema.enum.join(" | ");
  return schema.type ?? "anything";
}

function fields(schema) {
  const whole = resolve(schema);
  const rows = Object.entries(whole.properties ?? {});
  if (!rows.length) return null;
  const must = new Set(whole.required ?? []);
  return table("Fields", [
    ["Field", ([name]) => [h("code", name), must.has(name) ? null : h("span.quiet", " optional")]],
    ["Type", ([, field]) => typeName(field)],
    ["", ([, field]) => prose([field.description, field.default !== undefined ? `Default: ${JSON.stringify(field.default)}.` : null].filter(Boolean).join(" "))],
  ], rows);
}

function parameters(operation) {
  const list = (operation.parameters ?? []).map(resolve);
  if (!list.length) return null;
  return [h("h3", "Parameters"), table("Parameters", [
    ["Name", (one) => [h("code", one.name), one.required ? null : h("span.quiet", " optional")]],
    ["In", (one) => one.in], ["Type", (one) => typeName(one.schema)], ["", (one) => prose(one.description)],
  ], list)];
}

const json = (value) => h("pre.code", {tabindex: "0"}, h("code", JSON.stringify(value, null, 2)));

function content(media) {
  const type = media?.["application/json"] ?? media?.["application/problem+json"];
  return type ? [fields(type.schema), h("details", h("summary", "As JSON"), json(type.example))] : h("p.quiet", Object.keys(media ?? {}).join(", ") || "No body.");
}

function languages(method, path, operation) {
  const list = samples(method, path, operation, resolve);
  const place = h("div");
  const pick = (name) => {
    const {text} = list.find((one) => one.name === name);
    show(place, h("pre.code", {tabindex: "0", "aria-label": `The call in ${name}`}, h("code", text)));
    for (const button of buttons) button.setAttribute("aria-pressed", button.textContent === name);
  };
  const buttons = list.map(({name}) => h("button", {type: "button", onclick: () => pick(name)}, name));
  pick(list[0].name);
  return [h("h3", "Call it"), h("div.row", buttons), place];
}

function answers(operation) {
  return [h("h3", "Answers"), Object.entries(operation.responses).map(([status, response]) => {
    const whole = resolve(response);
    return h("details.table", h("summary", h("strong", status), " ", prose(whole.description)), content(whole.content));
  })];
}

function section(method, path, operation) {
  const who = (operation.security ?? []).flatMap((one) => Object.entries(one)).map(([name, scopes]) => [words(name), ...scopes].join(": "));
  const card = h("details.card.operation", {id: operation.operationId},
    h("summary", h("span.badge", method.toUpperCase()), " ", h("code", path), " ", operation.summary));
  // Built when it is opened: there are many.
  card.addEventListener("toggle", () => {
    if (!card.open || card.dataset.built) return;
    card.dataset.built = "yes";
    const body = operation.requestBody ? resolve(operation.requestBody) : null;
    card.append(...[
      operation.description ? h("p", prose(operation.description)) : null,
      h("p.quiet", who.length ? `For ${who.join(", or ")}.` : "For everyone."),
      ...[parameters(operation) ?? []].flat(), ...(body ? [h("h3", "Body"), content(body.content)].flat() : []),
      ...languages(method, path, operation), ...answers(operation),
    ].flat(Infinity).filter(Boolean));
  });
  return card;
}

const words = (name) => ({api_key: "a shop's key", end_user: "an end user's token", admin: "the admin token"})[name] ?? name;

function webhook([name, item]) {
  const operation = item.post;
  return h("details.card.operation", {id: operation.operationId},
    h("summary", h("span.badge", "to you"), " ", h("code", name), " ", operation.summary),
    ...[parameters(operation) ?? []].flat(), h("h3", "Body"), ...[content(operation.requestBody.content)].flat());
}

/// The clients of `Tests/Clients`, to copy into a program.
function clients() {
  return h("section", h("h2", {id: "clients"}, "Clients to copy"), h("p.quiet", "One file each, with the standard library alone: ids, retries, batches and holds."),
    [["Python", "shopmeter.py"], ["TypeScript", "shopmeter.ts"]].map(([language, file]) => {
      const place = h("div", state("Loading …"));
      const card = h("details.card.operation", h("summary", h("span.badge", language), " ", h("code", file)), h("p", h("a", {href: `/dashboard/${file}`, download: file}, `Download ${file}`)), place);
      card.addEventListener("toggle", async () => {
        if (!card.open || card.dataset.built) return;
        const response = await fetch(`/dashboard/${file}`, {credentials: "omit"}).catch(() => null);
        if (!response?.ok) return show(place, h("p.problem", {role: "alert"}, "The file could not be read."));
        card.dataset.built = "yes";
        show(place, h("pre.code", {tabindex: "0", "aria-label": file}, h("code", await response.text())));
      });
      return card;
    }));
}

function page(filter) {
  const wanted = filter.trim().toLowerCase();
  const operations = Object.entries(document_.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => [method, path, item[method]]))
    .filter(([, path, operation]) => !wanted || `${path} ${operation.summary}`.toLowerCase().includes(wanted));
  const groups = document_.tags.map((tag) => [tag, operations.filter(([, , operation]) => operation.tags.includes(tag.name))]);
  const sent = Object.entries(document_.webhooks ?? {}).filter(([name, item]) => !wanted || `${name} ${item.post.summary}`.toLowerCase().includes(wanted));
  return [
    groups.filter(([, list]) => list.length).map(([tag, list]) => h("section", h("h2", {id: `tag-${tag.name.replaceAll(" ", "-")}`}, tag.name), h("p.quiet", tag.description), list.map((one) => section(...one)))),
    wanted ? null : clients(),
    sent.length ? h("section", h("h2", {id: "webhooks"}, "What is sent to you"), sent.map(webhook)) : null,
    !operations.length && !sent.length ? state("Nothing is called that.") : null,
  ];
}

/// Opens what the address names.
function openNamed() {
  const element = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (element instanceof HTMLDetailsElement) element.open = true;
  element?.scrollIntoView();
}

async function start() {
  try {
    const response = await fetch("/openapi.json", {credentials: "omit"});
    if (!response.ok) throw new Error();
    document_ = await response.json();
  } catch {
    show(main, h("p.problem", {role: "alert"}, "The document could not be read."), h("button.main", {type: "button", onclick: start}, "Try again"));
    return;
  }
  const list = h("div");
  const input = h("input", {id: "filter", type: "search", oninput: () => show(list, page(input.value))});
  show(main, h("h1", "The interface"), h("p", prose(document_.info.description), ` Version ${document_.info.version}.`),
    h("div.field", h("label", {for: "filter"}, "Find a call"), input), list);
  show(list, page(""));
  openNamed();
  addEventListener("hashchange", openNamed);
}

start();
