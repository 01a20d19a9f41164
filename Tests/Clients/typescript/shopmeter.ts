// A small client of ShopMeter, with fetch alone: copy it into your program. It runs as it is with Node 22.18 or newer, Deno and Bun.
//
// What it sends has an id before it is sent for the first time, so that it counts once however often it is sent again: after a connection that broke at
// once, after 429 and 503 when their `Retry-After` has passed.

export type Event = {event_id?: string; user_id: string; amount: number; meter?: string; enforce?: boolean; occurred_at?: string;
  reference_id?: string; description?: string; dimensions?: Record<string, string>};
export type Recorded = {event_id: string; duplicate: boolean; used: number; limit: number | null; remaining: number | null};
export type Result = Partial<Recorded> & {event_id: string | null; status: "recorded" | "duplicate" | "rejected"; problem?: {code: string}};
export type Check = {allowed: boolean; limit: number | null; available: number | null; reason: string | null};

/** An answer that is no success. `code` tells problems apart; `members` has all that the answer says. */
export class Problem extends Error {
  status: number;
  code: string;
  members: Record<string, unknown>;

  constructor(status: number, members: Record<string, unknown>) {
    super(`${status} ${members.code}: ${members.detail ?? members.title}`);
    [this.status, this.code, this.members] = [status, String(members.code), members];
  }
}

/** 402: too little is left of an allowance or of money. `members` says how much. */
export class LimitReached extends Problem {}

const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));
const newID = (kind: string) => `${kind}_${crypto.randomUUID().replaceAll("-", "")}`;

export class ShopMeter {
  static maximumBatch = 1000;
  #address: string;
  #key: string;
  #options: {timeout: number; attempts: number};

  constructor(address: string, key: string, options: {timeout?: number; attempts?: number} = {}) {
    [this.#address, this.#key, this.#options] = [address.replace(/\/+$/, ""), key, {timeout: 10, attempts: 6, ...options}];
  }

  /** Sends a request until it is answered, and returns the answer's body. A body that makes something has an id of its own. */
  async request<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= this.#options.attempts;
      let response: Response;
      let text: string;
      try {
        response = await fetch(this.#address + path, {
          method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(this.#options.timeout * 1000),
          headers: {authorization: `Bearer ${this.#key}`, ...(body && {"content-type": "application/json"})},
        });
        text = await response.text();
      } catch (error) {
        // No answer: it may have been done or not, which is the same, as the id is the same.
        if (isLast) throw error;
        await pause(Math.random() * 0.1 * 2 ** attempt);
        continue;
      }
      if (response.ok) return (text ? JSON.parse(text) : null) as Answer;
      if ((response.status !== 429 && response.status !== 503) || isLast) throw problem(response, text);
      // A little later than asked for, so that not all who were refused come again at once.
      await pause((Number.parseInt(response.headers.get("retry-after") ?? "1", 10) || 0) * (1 + Math.random() / 5));
    }
  }

  /** Records an event: with `enforce` it is refused, with LimitReached, when too little is left. */
  record(event: Event): Promise<Recorded> {
    return this.request("POST", "/v1/usage", {event_id: newID("evt"), ...event});
  }

  /** Records events, each by itself, and returns what became of each, in order. */
  async recordMany(events: Event[]): Promise<Result[]> {
    const named = events.map((event) => ({event_id: newID("evt"), ...event}));
    const results: Result[] = [];
    for (let start = 0; start < named.length; start += ShopMeter.maximumBatch) {
      const part = named.slice(start, start + ShopMeter.maximumBatch);
      results.push(...(await this.request<{results: Result[]}>("POST", "/v1/usage/batch", {events: part})).results);
    }
    return results;
  }

  /** Whether the user may use so much, and what is left. Nothing is recorded. */
  check(userID: string, amount = 1, meter = "tokens"): Promise<Check> {
    return this.request("GET", `/v1/usage/${encodeURIComponent(userID)}/check?${new URLSearchParams({amount: String(amount), meter})}`);
  }

  /**
   * Holds an amount while it is not known yet what the work takes, or throws LimitReached. `work` commits what it took; what it did not commit is given
   * back: `await meter.hold("ada", 2000, async (commit) => { const answer = await model.call(…); await commit(answer.tokens); })`
   */
  async hold<Answer>(userID: string, amount: number, work: (commit: (amount: number, fields?: Partial<Event>) => Promise<Recorded>) => Promise<Answer>,
    options: {meter?: string; ttl_seconds?: number} = {}): Promise<Answer> {
    const id = newID("hold");
    let isCommitted = false;
    await this.request("POST", "/v1/reservations", {reservation_id: id, user_id: userID, meter: "tokens", amount, ...options});
    try {
      return await work(async (taken, fields) => {
        const answer = await this.request<Recorded>("POST", `/v1/reservations/${id}/commit`, {event_id: `evt_${id}`, amount: taken, ...fields});
        isCommitted = true;
        return answer;
      });
    } finally {
      if (!isCommitted) await this.request("POST", `/v1/reservations/${id}/release`, {});
    }
  }
}

/** Collects events, and records them when there are enough, or at `flush`. */
export class Batch {
  rejected: Result[] = [];
  #client: ShopMeter;
  #events: Event[] = [];
  #size: number;

  constructor(client: ShopMeter, size = ShopMeter.maximumBatch) {
    [this.#client, this.#size] = [client, size];
  }

  async add(event: Event): Promise<void> {
    this.#events.push({event_id: newID("evt"), ...event});
    if (this.#events.length >= this.#size) await this.flush();
  }

  async flush(): Promise<void> {
    const events = this.#events.splice(0);
    this.rejected.push(...(await this.#client.recordMany(events)).filter((result) => result.status === "rejected"));
  }
}

function problem(response: Response, text: string): Problem {
  let members: Record<string, unknown> = {title: response.statusText};
  try { members = JSON.parse(text); } catch { /* A proxy's page. */ }
  return new (response.status === 402 ? LimitReached : Problem)(response.status, members);
}
