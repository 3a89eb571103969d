// What the phone keeps while there is no network: one database an account, nothing shared.

const VERSION = 1;

export class StorageFull extends Error {}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Store {
  static async open(account) {
    const opening = indexedDB.open(`huanxin-field-${account}`, VERSION);
    opening.onupgradeneeded = () => {
      const db = opening.result;
      db.createObjectStore("jobs", { keyPath: "order_id" });
      db.createObjectStore("drafts", { keyPath: "order_id" });
      db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      db.createObjectStore("files", { keyPath: "sha256" });
      db.createObjectStore("labels", { keyPath: "code" });
      db.createObjectStore("receipts", { keyPath: "order_id" });
      db.createObjectStore("meta", { keyPath: "name" });
    };
    return new Store(await asked(opening));
  }

  constructor(db) {
    this.db = db;
    db.onversionchange = () => db.close();
  }

  all(store) {
    return asked(this.db.transaction(store).objectStore(store).getAll());
  }

  get(store, key) {
    return asked(this.db.transaction(store).objectStore(store).get(key));
  }

  async meta(name) {
    return (await this.get("meta", name))?.value;
  }

  // All of the changes or none: `[[store, "put"|"delete", value], …]`. Resolves when they
  // are on the disk, and says StorageFull where there is no room for them.
  change(changes) {
    return new Promise((resolve, reject) => {
      const names = [...new Set(changes.map(([store]) => store))];
      const all = this.db.transaction(names, "readwrite", { durability: "strict" });
      const failed = () => {
        const error = all.error;
        reject(error?.name === "QuotaExceededError" ? new StorageFull() : error);
      };
      all.oncomplete = () => resolve();
      all.onabort = failed;
      for (const [store, verb, value] of changes) all.objectStore(store)[verb](value);
    });
  }

  // A draft becomes a message in one step: pressed twice, the second press finds no draft. What
  // the door still shows by then is not sent again.
  async post(order_id, message, others = []) {
    const names = ["drafts", "outbox", ...new Set(others.map(([store]) => store))];
    const all = this.db.transaction(names, "readwrite", { durability: "strict" });
    const drafts = all.objectStore("drafts");
    return new Promise((resolve, reject) => {
      let posted = false;
      all.oncomplete = () => resolve(posted);
      all.onabort = () => reject(
        all.error?.name === "QuotaExceededError" ? new StorageFull() : all.error,
      );
      drafts.get(order_id).onsuccess = ({ target }) => {
        if (!target.result || target.result.is_posted) return;
        posted = true;
        drafts.put({ ...target.result, is_posted: true });
        all.objectStore("outbox").add(message);
        for (const [store, verb, value] of others) all.objectStore(store)[verb](value);
      };
    });
  }
}

export async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
