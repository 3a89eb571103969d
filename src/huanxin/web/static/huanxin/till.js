// A scanner does not wait: the input is empty again as soon as a scan is on its way, and scans
// are answered in the order they came.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "till-scan") event.target.reset();
});

// Two answers to a dead network, each true: nothing was sent, or a sale was and its answer is
// missing. Either way nothing waits to be sent; the same press again sells once (request_id).
const ASK_MS = 4000;
const SELL_MS = 15000;
const boxes = ["till-offline", "till-unanswered"].map((id) => document.getElementById(id));
const show = (id) => {
  for (const box of boxes) box.hidden = box.id !== id;
  document.getElementById(id)?.focus();
};
// A refused field comes back with the whole till: nothing of it may be swapped apart.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status === 422) detail.requestConfig.elt.removeAttribute("hx-select-oob");
});
document.addEventListener("htmx:sendError", () => show("till-offline"));
document.addEventListener("htmx:afterOnLoad", () => show(null));
window.addEventListener("offline", () => show("till-offline"));
window.addEventListener("online", () => {
  if (!boxes[0].hidden) show(null);
});

// The browser may think it is online when it is not: ask first, send the sale only then.
const isReachable = async () => {
  if (!navigator.onLine) return false;
  const init = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(ASK_MS) };
  return fetch(location.href, init).then(() => true, () => false);
};

const put = async (answer) => {
  if (answer.redirected) return location.assign(answer.url);
  const html = await answer.text();
  const till = new DOMParser().parseFromString(html, "text/html").getElementById("till");
  if (!till) throw new TypeError("not the till");
  document.getElementById("till").replaceWith(till);
  window.htmx?.process(till);
  show(null);
  till.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
};

const send = async (form, button) => {
  const init = {
    method: "POST", body: new FormData(form), headers: { "HX-Request": "true" },
    signal: AbortSignal.timeout(SELL_MS),
  };
  if (!(await isReachable())) return show("till-offline");
  try {
    await put(await fetch(button?.formAction || form.action, init));
  } catch {
    show("till-unanswered");
  }
};

let isSending = false;
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("#till")) {
    if (!navigator.onLine && !event.defaultPrevented) {
      event.preventDefault();
      show("till-offline");
    }
    return;
  }
  event.preventDefault();
  if (isSending) return; // a second press while the first is on its way
  isSending = true;
  try {
    await send(form, event.submitter);
  } finally {
    isSending = false;
    delete form.dataset.sent; // huanxin.js keeps a second press back; this one may come
  }
});
