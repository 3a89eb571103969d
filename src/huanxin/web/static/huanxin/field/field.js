// 上门收件: today's doors on the worker's phone, with or without a network.

import { Day } from "./day.js";
import { Door } from "./door.js";
import { Offline, Outbox, Refused, SignedOut } from "./outbox.js";
import { piece, wired, words, yuan } from "./parts.js";
import { Store, StorageFull } from "./store.js";

const ACCOUNT = "huanxin-field-account";
const net = document.getElementById("net");
const view = document.getElementById("view");
const troubleBox = document.getElementById("trouble");
const links = JSON.parse(net.dataset.links);

let store;
let outbox;
let day;
let door;
let drawing = Promise.resolve();

async function begin() {
  const account = await whose();
  if (!account) return say("signed_out");
  store = await Store.open(account);
  outbox = new Outbox(store, links, () => { bar(); if (isList()) show(); }, account);
  day = new Day(store, outbox);
  door = new Door({ day, outbox, links, show, trouble });
  window.addEventListener("hashchange", show);
  window.addEventListener("online", refresh);
  window.addEventListener("offline", () => { bar(); show(); });
  navigator.storage?.persist?.();
  await show();
  await refresh();
  return outbox.start();
}

// The platform says who is signed in; without a network it is who was here last.
async function whose() {
  try {
    const said = await new Outbox(null, links, () => {}).read(links.day);
    localStorage.setItem(ACCOUNT, said.account);
    return said.account;
  } catch (error) {
    if (error instanceof SignedOut) return null;
    return localStorage.getItem(ACCOUNT);
  }
}

async function refresh() {
  try {
    const said = await outbox.read(links.day);
    if (said.account !== localStorage.getItem(ACCOUNT)) return window.location.reload();
    await day.take(said);
  } catch (error) {
    if (error instanceof SignedOut) outbox.state = "signed_out";
    else if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
  }
  await outbox.flush();
  return show();
}

// Refusals and a full phone are said on the page; what was recorded before stays.
async function trouble(act) {
  troubleBox.hidden = true;
  try {
    return await act();
  } catch (error) {
    if (error instanceof Offline) troubleBox.textContent = words("needs_network");
    else if (error instanceof SignedOut) troubleBox.textContent = words("signed_out");
    else if (error instanceof StorageFull) troubleBox.textContent = words("full");
    else troubleBox.textContent = error.message;
    troubleBox.hidden = false;
    return undefined;
  }
}

function say(name, facts = {}) {
  net.className = `net ${name}`;
  net.querySelector(".net-words").textContent = words(name, facts);
}

async function bar() {
  const messages = await store.all("outbox");
  const refused = messages.filter((one) => one.state === "refused").length;
  const waiting = messages.length - refused;
  const photos = new Set(messages.flatMap((one) => one.files)).size;
  net.querySelector("[data-outbox]").hidden = messages.length === 0;
  if (outbox.state === "signed_out") return say("signed_out", { waiting });
  if (!navigator.onLine || outbox.state === "offline") {
    return say(waiting ? "offline_saved" : "offline", { waiting, photos });
  }
  if (refused) return say("refused", { refused });
  if (waiting) return say("sending", { waiting });
  return say("online");
}

const asked = (name) => new URLSearchParams(window.location.hash.slice(1)).get(name);
const isList = () => !asked("job") && !window.location.hash.startsWith("#job");

// Drawn one after the other: two answers at once do not leave two pages.
function show() {
  drawing = drawing.then(draw);
  return drawing;
}

async function draw() {
  const node = await wanted();
  view.replaceChildren(node);
  document.querySelector("[data-back]").hidden = window.location.hash.length < 2;
  await bar();
}

async function wanted() {
  const job = asked("job") && await store.get("jobs", asked("job"));
  if (job) return door.draw(job);
  if (asked("receipt")) return receipt(asked("receipt"));
  if (window.location.hash === "#outbox") return messages();
  return list();
}

async function list() {
  const jobs = await day.jobs();
  const posted = new Set((await store.all("outbox")).map((one) => one.order_id));
  const lacking = jobs.filter((job) => job.is_open && !job.is_done && !job.address).length;
  const node = piece("list", {
    prepare: lacking > 0, prepare_words: words("lacking", { count: lacking }),
    done: words("done", { done: jobs.filter((job) => job.is_done).length, all: jobs.length }),
    as_of: words("as_of", { at: (await store.meta("as_of")) ?? "" }),
    none: jobs.length === 0,
    stops: jobs.map((job) => stop(job, posted.has(job.order_id))),
  });
  return wired(node, {
    prepare: async () => {
      await trouble(() => day.prepare(links));
      show();
    },
  });
}

function stop(job, isPosted) {
  const node = piece("stop", {
    door: `#${job.is_done ? "receipt" : "job"}=${job.order_id}`, position: job.position,
    title: job.title, arrive_at: job.arrive_at,
    line: `${job.county} · ${job.choice_word} ${yuan(job.quoted_fen)}`,
    standing: isPosted ? words("kept") : job.is_done ? words("over") : job.state_word,
  });
  node.querySelector("li").classList.toggle("over", job.is_done);
  return node;
}

async function receipt(order_id) {
  const [given, job, messages, labels] = await Promise.all([
    store.get("receipts", order_id), store.get("jobs", order_id), store.all("outbox"),
    store.all("labels"),
  ]);
  const message = messages.find((one) => one.order_id === order_id);
  const body = message?.body;
  const mine = labels.filter((label) => label.order_id === order_id);
  const is_declined = (given?.kind ?? message?.kind) === "decline";
  return piece("receipt", {
    sentence: given?.sentence
      ?? words(is_declined ? "declined" : message ? "promise_kept" : "closed"),
    amount: is_declined ? "" : yuan(given?.paid_fen ?? body?.seen_fen ?? job?.quoted_fen ?? 0),
    number: job?.number ?? "", reference: given?.payment_reference ?? "",
    promised: Boolean(message) && !is_declined,
    labels: mine.map((label) => piece("label", { ...label, name: job?.title })),
  });
}

async function messages() {
  const all = await store.all("outbox");
  const node = piece("outbox", {
    none: all.length === 0, some: all.length > 0,
    messages: all.map((message) => one(message)),
  });
  return wired(node, { flush: () => outbox.flush().then(show) });
}

function one(message) {
  const is_refused = message.state === "refused";
  const node = piece("message", {
    title: message.title, standing: words(is_refused ? "not_taken" : "kept"),
    line: words("message_line", {
      number: message.number, files: message.files.length,
      amount: message.body.seen_fen ? yuan(message.body.seen_fen) : words("declined"),
    }),
    refused: is_refused, words: message.words, code: message.code,
  });
  const then = (act) => async () => {
    await act(message);
    await refresh();
  };
  return wired(node, {
    again: then((what) => day.again(what)),
    reopen: async () => {
      await day.reopen(message);
      await refresh();
      window.location.hash = `#job=${message.order_id}`;
    },
    discard: then((what) => day.discard(what)),
  });
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(net.dataset.worker, { updateViaCache: "none" });
}
begin();
