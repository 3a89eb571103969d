// A worker's day on the phone: what was fetched, what was recorded, what was handed in.

import { readCode } from "./codes.js";
import { sha256 } from "./store.js";

const PICTURE_TYPES = /^image\//;

export const keyOf = ({ age_band, is_working, is_complete }) =>
  [age_band, is_working ? "yes" : "no", is_complete ? "yes" : "no"].join("|");

export class Day {
  constructor(store, outbox) {
    Object.assign(this, { store, outbox });
  }

  // What the platform says now replaces what was fetched before; addresses brought along stay
  // with the jobs that are still open.
  async take(said) {
    const kept = new Map((await this.store.all("jobs")).map((job) => [job.order_id, job]));
    const today = new Set(said.jobs.map((job) => job.order_id));
    const changes = [
      ["meta", "put", { name: "offset_ms", value: Date.parse(said.at) - Date.now() }],
      ["meta", "put", { name: "as_of", value: said.as_of }],
      ["meta", "put", { name: "on", value: said.on }],
    ];
    for (const order_id of kept.keys()) {
      if (!today.has(order_id)) changes.push(["jobs", "delete", order_id]);
    }
    for (const job of said.jobs) {
      const address = job.is_open ? kept.get(job.order_id)?.address ?? "" : "";
      changes.push(["jobs", "put", { ...job, address, is_done: !job.is_open }]);
    }
    await this.store.change(changes);
  }

  async prepare(links) {
    const open = (await this.jobs()).filter((job) => job.is_open && !job.address);
    const unlabelled = (await this.store.all("labels")).filter((label) => !label.order_id);
    const units = (await this.jobs()).filter((job) => job.is_open)
      .reduce((sum, job) => sum + job.units.length, 0);
    const label_count = Math.max(0, units + 2 - unlabelled.length);
    const order_ids = open.map((job) => job.order_id);
    const said = await this.outbox.call(links.prepare, { order_ids, label_count });
    await this.store.change([
      ...open.map((job) => ["jobs", "put", { ...job, address: said.addresses[job.order_id] ?? "" }]),
      ...said.labels.map((label) => ["labels", "put", { ...label, order_id: "" }]),
    ]);
  }

  async jobs() {
    return (await this.store.all("jobs")).sort((a, b) => a.position - b.position);
  }

  async draft(job) {
    const kept = await this.store.get("drafts", job.order_id);
    const fresh = { code: "", photos: [], check: "", answers: null, battery: null, serial: "" };
    const units = Object.fromEntries(
      job.units.map(({ unit_id }) => [unit_id, { ...fresh, ...kept?.units[unit_id] }]),
    );
    return {
      order_id: job.order_id, place: null, signature: "", signed_fen: 0, request_ids: {},
      consent_code: "", is_posted: false, ...kept, units,
    };
  }

  keep(draft, others = []) {
    return this.store.change([["drafts", "put", draft], ...others]);
  }

  // The code in a scan, "" where there is none, "twice" where another unit of the phone has it.
  async codeIn(text, unit_id) {
    const code = readCode(text);
    if (!code) return "";
    const drafts = await this.store.all("drafts");
    const others = drafts.flatMap((draft) => Object.entries(draft.units));
    return others.some(([id, unit]) => id !== unit_id && unit.code === code) ? "twice" : code;
  }

  async freeLabel() {
    return (await this.store.all("labels")).find((label) => !label.order_id);
  }

  async addPhoto(draft, unit_id, blob) {
    if (!PICTURE_TYPES.test(blob.type)) return;
    const sha = await sha256(blob);
    const unit = draft.units[unit_id];
    if (!unit.photos.includes(sha)) unit.photos.push(sha);
    await this.keep(draft, [["files", "put", { sha256: sha, blob, is_sent: false }]]);
  }

  // What the units come to as recorded: an agreed price, or the new one of what was found.
  price(job, draft) {
    return job.units.reduce((sum, unit) => {
      const said = draft.units[unit.unit_id];
      return sum + (said.check === "differs" ? unit.prices[keyOf(said.answers)] : unit.price_fen);
    }, 0);
  }

  differs(draft) {
    return Object.values(draft.units).some((unit) => unit.check === "differs");
  }

  isConsented(job, draft) {
    if (job.requote) return Boolean(draft.consent_code);
    return !this.differs(draft)
      || (Boolean(draft.signature) && draft.signed_fen === this.price(job, draft));
  }

  // A bike that is taken whole is taken with its battery weighed apart.
  wantsBattery(unit, said) {
    const answers = said.check === "differs" ? said.answers : unit.answers;
    return Boolean(unit.battery) && answers.is_complete;
  }

  isWeighed(job, draft) {
    return job.units.every((unit) => {
      const said = draft.units[unit.unit_id];
      return !this.wantsBattery(unit, said) || Boolean(said.battery);
    });
  }

  missing(job, draft) {
    const units = Object.values(draft.units);
    return [
      ["code", units.every((unit) => unit.code)],
      ["photos", units.every((unit) => unit.photos.length > 0)],
      ["check", units.every((unit) => unit.check)],
      ["battery", this.isWeighed(job, draft)],
      ["consent", this.isConsented(job, draft)],
    ].filter(([, is_there]) => !is_there).map(([name]) => name);
  }

  async now() {
    return new Date(Date.now() + ((await this.store.meta("offset_ms")) ?? 0)).toISOString();
  }

  // One message: everything of the door, under a request id made here.
  async handIn(job, draft) {
    const units = job.units.map((unit) => {
      const said = draft.units[unit.unit_id];
      const { code, photos, check, answers, battery, serial } = said;
      return {
        unit_id: unit.unit_id, unit_code: code, photo_sha256s: photos, serial,
        found: check === "differs" ? answers : null,
        battery: this.wantsBattery(unit, said) ? battery : null,
      };
    });
    const files = units.flatMap((unit) => unit.photo_sha256s);
    if (draft.signature) files.push(draft.signature);
    const body = {
      request_id: crypto.randomUUID(), order_id: job.order_id, happened_at: await this.now(),
      seen_fen: this.price(job, draft), units, place: draft.place,
      signature_sha256: draft.signature || null, consent_code: draft.consent_code || null,
    };
    const labels = await this.store.all("labels");
    const used = labels.filter((label) => units.some((unit) => unit.unit_code === label.code));
    return this.store.post(job.order_id, this.#message("hand_in", job, body, [...new Set(files)]), [
      ["jobs", "put", { ...job, is_done: true, address: "" }],
      ...used.map((label) => ["labels", "put", { ...label, order_id: job.order_id }]),
    ]);
  }

  async decline(job, draft) {
    if (!await this.store.get("drafts", job.order_id)) await this.keep(draft);
    const body = {
      request_id: crypto.randomUUID(), order_id: job.order_id, happened_at: await this.now(),
    };
    return this.store.post(job.order_id, this.#message("decline", job, body, []), [
      ["jobs", "put", { ...job, is_done: true, address: "" }],
    ]);
  }

  #message(kind, job, body, files) {
    return {
      kind, order_id: job.order_id, number: job.number, title: job.title, body, files,
      state: "waiting", made_at: body.happened_at,
    };
  }

  // A refused message is sent again as it is, opened for change, or given up.
  again(message) {
    return this.store.change([["outbox", "put", { ...message, state: "waiting" }]]);
  }

  async reopen(message) {
    const [draft, job] = await Promise.all([
      this.store.get("drafts", message.order_id), this.store.get("jobs", message.order_id),
    ]);
    const changes = [["outbox", "delete", message.seq]];
    if (draft) {
      const files = await Promise.all(message.files.map((sha) => this.store.get("files", sha)));
      changes.push(["drafts", "put", { ...draft, is_posted: false, signature: "", signed_fen: 0 }]);
      for (const file of files) if (file) changes.push(["files", "put", file]);
    }
    if (job) changes.push(["jobs", "put", { ...job, is_done: false }]);
    await this.store.change(changes);
  }

  discard(message) {
    return this.store.change([
      ["outbox", "delete", message.seq], ["drafts", "delete", message.order_id],
      ...message.files.map((sha) => ["files", "delete", sha]),
    ]);
  }
}
