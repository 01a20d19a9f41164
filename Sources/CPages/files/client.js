// The HTTP interface, called with the credential of this tab. The credential is kept in this module's memory and nowhere else.

let credential = null;
let ended = () => {};

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || "The request failed.");
    this.status = status;
    this.code = body.code || "unknown";
    this.fields = body.errors || [];
    this.requestID = body.request_id;
    this.body = body;
  }
}

export const signIn = (text, whenEnded) => { credential = text.trim(); ended = whenEnded; };
export const signOut = () => { credential = null; };

export async function call(method, path, body, key) {
  const headers = {Authorization: `Bearer ${credential}`, Accept: "application/json"};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let response;
  try {
    response = await fetch(path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "omit"});
  } catch {
    throw new Problem(0, {code: "offline", detail: "ShopMeter cannot be reached. Nothing was changed by this page; try again when the connection is back."});
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const problem = new Problem(response.status, answer);
  if (response.status === 401) ended(problem);
  throw problem;
}

export const get = (path, query = {}) => {
  const pairs = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return call("GET", pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path);
};

/// Has the browser keep an answer as a file.
export async function download(path, query, accept, name) {
  let response;
  try {
    response = await fetch(`${path}?${new URLSearchParams(query)}`, {headers: {Authorization: `Bearer ${credential}`, Accept: accept}, credentials: "omit"});
  } catch {
    throw new Problem(0, {code: "offline", detail: "ShopMeter cannot be reached. Try again when the connection is back."});
  }
  if (!response.ok) {
    const problem = new Problem(response.status, await response.json().catch(() => ({})));
    if (response.status === 401) ended(problem);
    throw problem;
  }
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  [link.href, link.download] = [address, name];
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/// Null where there is nothing (404) or the key may not see it (403), so that a page shows the rest.
export async function ifThere(promise) {
  try { return await promise; } catch (problem) {
    if (problem.status === 404 || problem.status === 403) return null;
    throw problem;
  }
}

export const path = (...parts) => "/v1/" + parts.map(encodeURIComponent).join("/");
export const newID = (kind) => `${kind}-${crypto.randomUUID ? crypto.randomUUID() : Date.now().toString(36) + Math.random().toString(36).slice(2)}`;
