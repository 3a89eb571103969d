// What was done at doors goes to the platform in its order, each once: every message carries a
// request id made on this phone, and stays until the platform has answered it.

const TIMEOUT_MS = 25_000;
const RETRY_MS = 15_000;
const LOCK = "huanxin-outbox";

export class Offline extends Error {}
export class SignedOut extends Error {}
export class Refused extends Error {
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

export class Outbox {
  // `links` are the platform's addresses, `changed` is called whenever there is something to show.
  constructor(store, links, changed, account = "") {
    Object.assign(this, { store, links, changed, account, state: "idle", csrf: "" });
    this.isWaiting = false;
  }

  start() {
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.flush();
    });
    setInterval(() => this.flush(), RETRY_MS);
    return this.flush();
  }

  // Two tabs do not send at the same time (if they did, the request ids would still hold): the
  // second waits for the first, sends what is left and shows how it stands.
  async flush() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    await navigator.locks.request(LOCK, () => {
      this.isWaiting = false;
      return this.#sendAll();
    });
  }

  async #sendAll() {
    const waiting = (await this.store.all("outbox")).filter((one) => one.state !== "refused");
    if (waiting.length === 0) return this.#say("idle");
    const blocked = new Set(
      (await this.store.all("outbox")).filter((one) => one.state === "refused")
        .map((one) => one.order_id),
    );
    this.#say("sending");
    for (const message of waiting) {
      if (blocked.has(message.order_id)) continue;
      const end = await this.#sendOne(message);
      if (end === "refused") blocked.add(message.order_id);
      if (end === "offline" || end === "signed_out") return this.#say(end);
      this.changed();
    }
    return this.#say("idle");
  }

  async #sendOne(message) {
    try {
      for (const sha of message.files) await this.#sendFile(message, sha);
      const answer = await this.call(this.links[message.kind], message.body);
      await this.#done(message, answer);
      return "sent";
    } catch (error) {
      if (error instanceof Offline) return "offline";
      if (error instanceof SignedOut) return "signed_out";
      if (!(error instanceof Refused)) throw error;
      const kept = { ...message, state: "refused", code: error.code, words: error.message };
      await this.store.change([["outbox", "put", kept]]);
      return "refused";
    }
  }

  async #sendFile(message, sha) {
    const kept = await this.store.get("files", sha);
    if (!kept || kept.is_sent) return;
    const form = new FormData();
    form.append("photos", kept.blob, `${sha.slice(0, 12)}.jpg`);
    const answer = await this.call(this.links.photos.replace("{order}", message.order_id), form);
    if (!answer.sha256s.includes(sha)) throw new Offline(); // cut short on its way: again
    await this.store.change([["files", "put", { ...kept, is_sent: true }]]);
  }

  async #done(message, answer) {
    const job = await this.store.get("jobs", message.order_id);
    const changes = [
      ["outbox", "delete", message.seq],
      ["drafts", "delete", message.order_id],
      ["receipts", "put", { order_id: message.order_id, kind: message.kind, ...answer }],
      ...message.files.map((sha) => ["files", "delete", sha]),
    ];
    if (job) changes.push(["jobs", "put", { ...job, is_done: true, address: "" }]);
    await this.store.change(changes);
  }

  // One request. Says Offline where no answer came, so that the same message is sent again.
  async call(url, body) {
    const isForm = body instanceof FormData;
    for (const attempt of [1, 2]) {
      const answer = await this.#fetch(url, {
        method: "POST",
        headers: {
          "X-CSRFToken": this.csrf,
          "X-Account": this.account, // whoever signs in next does not send what this one recorded
          ...(isForm ? {} : { "Content-Type": "application/json" }),
        },
        body: isForm ? body : JSON.stringify(body),
      });
      if (answer.ok) return answer.json();
      const refusal = await this.#refusal(answer);
      if (refusal.code === "web.other_account") throw new SignedOut();
      if (refusal.code !== "web.form_expired" || attempt === 2) throw refusal;
      await this.read(this.links.day); // a new sign-in has a new token
    }
    throw new Offline();
  }

  // The day as the platform knows it, or one order of it; the token comes along.
  async read(url) {
    const answer = await this.#fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw await this.#refusal(answer);
    const said = await answer.json();
    if (said.csrf) this.csrf = said.csrf;
    return said;
  }

  async #fetch(url, options) {
    let answer;
    try {
      answer = await fetch(url, {
        ...options, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw new Offline();
    }
    if (answer.type === "opaqueredirect") throw new SignedOut();
    if (answer.status >= 500) throw new Offline();
    return answer;
  }

  async #refusal(answer) {
    const said = await answer.json().catch(() => null); // a page, not JSON: the form's token
    return new Refused(said ?? { code: "web.form_expired", message: `HTTP ${answer.status}` });
  }

  #say(state) {
    this.state = state;
    this.changed();
  }
}
