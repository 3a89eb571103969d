// One door on one page: five steps, each kept on the phone the moment it is done.

import { canScan, scanInto, signPad, smaller } from "./camera.js";
import { keyOf } from "./day.js";
import { Offline, Refused } from "./outbox.js";
import { piece, wired, words, yuan } from "./parts.js";
import { sha256 } from "./store.js";

const WATCH_MS = 3000;

export class Door {
  constructor({ day, outbox, links, show, trouble }) {
    Object.assign(this, { day, outbox, links, show, trouble });
  }

  async draw(job) {
    clearTimeout(this.watch);
    const draft = await this.day.draft(job);
    const closed = job.is_done || !job.is_open || draft.is_posted;
    const missing = this.day.missing(job, draft);
    const lists = await this.#lists(job, draft);
    const is_cash = job.choice === "cash";
    const node = piece("door", {
      title: job.title, standing: job.state_word, person: `${job.name_masked} · ${job.phone_masked}`,
      number: job.number, promise: words("promise", { at: job.arrive_at }),
      open: !closed, closed, closed_words: words(draft.is_posted ? "posted" : "closed"),
      address: job.address, no_address: !job.address,
      no_address_words: words("no_address", { county: job.county }),
      pay_title: words(is_cash ? "pay_cash" : "pay_voucher"), cash: is_cash,
      pay_words: words(is_cash ? "to_owner" : "voucher_worth"),
      total: yuan(this.day.price(job, draft)), offline: !navigator.onLine,
      missing: missing.length > 0 &&
        words("still") + missing.map((name) => words(`missing_${name}`)).join(words("comma")),
      ready: missing.length === 0,
      place: words(draft.place ? "placed" : "place"),
      ...lists,
    });
    for (const step of node.querySelectorAll("[data-step]")) {
      step.classList.toggle("done", this.#isDone(step.dataset.step, job, missing));
    }
    const go = node.querySelector("[data-do=hand_in]");
    go.textContent = words(is_cash ? "take_cash" : "take_voucher");
    wired(node, {
      place: () => this.#place(job, draft),
      hand_in: (button) => {
        button.disabled = true;
        return this.#handIn(job, draft);
      },
    });
    if (job.requote) this.watch = setTimeout(() => this.#look(job), WATCH_MS);
    return node;
  }

  #isDone(step, job, missing) {
    if (step === "address") return Boolean(job.address);
    if (step === "check") {
      return !["check", "battery", "consent"].some((name) => missing.includes(name));
    }
    return step !== "pay" && !missing.includes(step);
  }

  async #lists(job, draft) {
    const label = await this.day.freeLabel();
    const units = job.units;
    return {
      codes: units.map((unit) => this.#code(job, draft, unit, label)),
      photos: await Promise.all(units.map((unit) => this.#photos(job, draft, unit))),
      checks: units.map((unit) => this.#check(job, draft, unit)),
      batteries: units
        .filter((unit) => this.day.wantsBattery(unit, draft.units[unit.unit_id]))
        .map((unit) => this.#battery(job, draft, unit)),
      consent: this.day.differs(draft) || job.requote ? [this.#consent(job, draft)] : [],
    };
  }

  #code(job, draft, unit, label) {
    const said = draft.units[unit.unit_id];
    const node = piece("code", {
      name: unit.name, code: said.code, camera: canScan(), label: !said.code && label?.code,
    });
    const form = node.querySelector("[data-form=code]");
    const keep = async (text) => {
      const code = await this.day.codeIn(text, unit.unit_id);
      form.querySelector("[data-error]").hidden = Boolean(code);
      form.querySelector("[data-error-twice]").hidden = code !== "twice";
      if (!code || code === "twice") return;
      said.code = code;
      await this.#keep(job, draft);
    };
    const plate = node.querySelector("[data-form=serial]").elements.serial;
    plate.value = said.serial;
    plate.addEventListener("change", () => {
      said.serial = plate.value.trim();
      return this.#keep(job, draft);
    });
    return wired(node, {
      serial: () => plate.blur(),
      code: () => keep(form.elements.scan.value),
      label: () => keep(label.code),
      camera: async () => {
        const video = form.querySelector("video");
        video.hidden = false;
        await scanInto(video, (text) => {
          const is_ours = /HX[0-9]{13}/i.test(text);
          if (is_ours) keep(text);
          return is_ours;
        }).catch(() => { video.hidden = true; });
      },
    });
  }

  async #photos(job, draft, unit) {
    const said = draft.units[unit.unit_id];
    const thumbs = await Promise.all(said.photos.map(async (sha) => {
      const kept = await this.day.store.get("files", sha);
      const node = piece("thumb", { photo: kept && URL.createObjectURL(kept.blob) });
      return wired(node, {
        drop_photo: () => {
          said.photos = said.photos.filter((one) => one !== sha);
          return this.#keep(job, draft, [["files", "delete", sha]]);
        },
      });
    }));
    const node = piece("photos", {
      name: unit.name, thumbs, words: words(said.photos.length ? "photo_more" : "photo_first"),
    });
    node.querySelector("[data-photo]").addEventListener("change", async ({ target }) => {
      await this.trouble(async () => {
        for (const file of target.files) {
          await this.day.addPhoto(draft, unit.unit_id, await smaller(file));
        }
      });
      this.show();
    });
    return node;
  }

  #check(job, draft, unit) {
    const said = draft.units[unit.unit_id];
    const differs = said.check === "differs";
    const node = piece("check", {
      name: unit.name, price: yuan(unit.price_fen), said: unit.said, same: said.check === "same",
      differs, old: yuan(unit.price_fen),
      new: differs ? yuan(unit.prices[keyOf(said.answers)]) : "",
      not_same: said.check !== "same" && !job.requote, may_differ: !job.requote,
    });
    return wired(node, {
      same: () => {
        Object.assign(said, { check: "same", answers: null });
        return this.#keep(job, draft);
      },
      found: (form) => {
        const found = new FormData(form);
        said.answers = {
          age_band: found.get("age_band"),
          is_working: found.get("is_working") === "yes",
          is_complete: found.get("is_complete") === "yes",
        };
        said.check = keyOf(said.answers) === keyOf(unit.answers) ? "same" : "differs";
        return this.#keep(job, draft);
      },
    });
  }

  #battery(job, draft, unit) {
    const said = draft.units[unit.unit_id];
    const kept = said.battery;
    const node = piece("battery", {
      weighed: Boolean(kept), open: !kept,
      weight: kept && `${unit.battery[kept.kind].word} ${kept.mass_g / 1000} kg`,
    });
    const error = node.querySelector("[data-error]");
    return wired(node, {
      battery: async (form) => {
        const found = new FormData(form);
        const bounds = unit.battery[found.get("kind")];
        const mass_g = Math.round(Number(found.get("mass").replace(",", ".")) * 1000);
        const fits = bounds && mass_g >= bounds.least_g && mass_g <= bounds.most_g;
        error.hidden = Boolean(fits);
        if (!fits) {
          error.textContent = words("battery_bounds", {
            kind: bounds.word, least: bounds.least_g / 1000, most: bounds.most_g / 1000,
          });
          return;
        }
        said.battery = { kind: found.get("kind"), mass_g };
        await this.#keep(job, draft);
      },
      weigh_again: () => {
        said.battery = null;
        return this.#keep(job, draft);
      },
    });
  }

  #consent(job, draft) {
    const total = this.day.price(job, draft);
    const was = job.units.reduce((sum, unit) => sum + unit.price_fen, 0);
    const signed = Boolean(draft.signature) && draft.signed_fen === total;
    const node = piece("consent", {
      statement: words("statement", {
        units: job.title, old: yuan(was), new: yuan(job.requote?.new_fen ?? total),
      }),
      waiting: Boolean(job.requote), coded: Boolean(draft.consent_code), signed,
      may_ask: !job.requote && !signed && navigator.onLine, may_sign: !job.requote && !signed,
    });
    const pad = signPad(node.querySelector("canvas"));
    const error = node.querySelector("[data-error]");
    return wired(node, {
      ask: () => this.#ask(job, draft),
      wipe: pad.wipe,
      sign: async () => {
        error.hidden = pad.isSigned();
        if (!pad.isSigned()) return;
        const blob = await pad.blob();
        draft.signature = await sha256(blob);
        draft.signed_fen = total;
        const file = { sha256: draft.signature, blob, is_sent: false };
        await this.#keep(job, draft, [["files", "put", file]]);
      },
      unsign: () => this.#keep(job, { ...draft, signature: "", signed_fen: 0 }),
      consent_code: (form) => this.#tryCode(job, draft, form.elements.consent_code.value),
      decline: async () => {
        await this.trouble(() => this.day.decline(job, draft));
        await this.outbox.flush();
        window.location.hash = "";
      },
    });
  }

  // Her own phone answers: for this the platform must hear of the new price first.
  async #ask(job, draft) {
    await this.trouble(async () => {
      for (const unit of job.units) {
        const said = draft.units[unit.unit_id];
        if (said.check !== "differs") continue;
        draft.request_ids[unit.unit_id] ??= crypto.randomUUID();
        await this.day.keep(draft);
        await this.outbox.call(this.links.ask, {
          request_id: draft.request_ids[unit.unit_id], order_id: job.order_id,
          unit_id: unit.unit_id, found: said.answers,
        });
        break; // one at a time: the next when she has answered
      }
    });
    await this.#look(job);
  }

  async #tryCode(job, draft, code) {
    await this.#keep(job, { ...draft, consent_code: code });
    try {
      await this.outbox.call(this.links.consent, {
        requote_id: job.requote.id, consent_code: code, order_id: job.order_id,
      });
    } catch (error) {
      if (error instanceof Offline) return; // it goes along with the hand-in
      await this.#keep(job, { ...draft, consent_code: "" });
      await this.trouble(() => { throw error; });
    }
    await this.#look(job);
  }

  // Whether she has answered: what she agreed to is from then on what was agreed.
  async #look(job) {
    try {
      const fresh = await this.outbox.read(this.links.job.replace("{order}", job.order_id));
      const draft = await this.day.draft(job);
      for (const unit of fresh.units) {
        const said = draft.units[unit.unit_id];
        if (said.answers && keyOf(said.answers) === keyOf(unit.answers)) {
          Object.assign(said, { check: "same", answers: null });
        }
      }
      if (!fresh.requote) Object.assign(draft, { request_ids: {}, consent_code: "" });
      const kept = { ...fresh, address: job.address, is_done: !fresh.is_open };
      await this.day.keep(draft, [["jobs", "put", kept]]);
    } catch (error) {
      if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
    }
    this.show();
  }

  #place(job, draft) {
    const kept = ({ coords }) => this.#keep(job, {
      ...draft,
      place: {
        lat_e6: Math.round(coords.latitude * 1e6), lon_e6: Math.round(coords.longitude * 1e6),
      },
    });
    const missed = () => this.trouble(() => { throw new Error(words("no_place")); });
    const how = { enableHighAccuracy: true, timeout: 8000 };
    navigator.geolocation.getCurrentPosition(kept, missed, how);
  }

  async #keep(job, draft, others = []) {
    await this.trouble(() => this.day.keep(draft, others));
    this.show();
  }

  async #handIn(job, draft) {
    await this.trouble(() => this.day.handIn(job, draft));
    window.location.hash = `#receipt=${job.order_id}`;
    await this.outbox.flush();
  }
}
