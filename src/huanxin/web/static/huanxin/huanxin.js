// What every page may use. Each page works without it.

// A countdown is a promise about time: [data-countdown="seconds"] counts down from when it came.
const began = new WeakMap();

function tick() {
  for (const node of document.querySelectorAll("[data-countdown]")) {
    if (!began.has(node)) {
      const words = node.textContent;
      began.set(node, { at: performance.now(), words });
    }
    const { at, words } = began.get(node);
    const left = Number(node.dataset.countdown) - Math.floor((performance.now() - at) / 1000);
    node.textContent = words.replace(node.dataset.countdown, String(Math.max(0, left)));
  }
}
setInterval(tick, 1000);

// Elder mode: the server keeps it in a cookie; this saves the round trip.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("elderForm" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter;
  const data = new FormData(form, button);
  fetch(form.action, { method: "POST", body: data, redirect: "manual" }).then(() => location.reload());
});

// Picture and table of one set of rows: without script both are shown, one below the other.
function dressTabs(root) {
  for (const panel of root.querySelectorAll("[data-tabs]")) {
    const picture = panel.querySelector("[role=tabpanel]");
    if (!picture.childElementCount || panel.dataset.tabs === "on") continue;
    panel.dataset.tabs = "on";
    panel.querySelector("[role=tablist]").hidden = false;
    show(panel, 0);
  }
}

function show(panel, chosen) {
  panel.querySelectorAll("[role=tab]").forEach((tab, n) => {
    tab.setAttribute("aria-selected", String(n === chosen));
    tab.tabIndex = n === chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = n !== chosen;
  });
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) show(tab.closest("[data-tabs]"), [...tab.parentElement.children].indexOf(tab));
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab]");
  if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const other = tab.nextElementSibling ?? tab.previousElementSibling;
  other.click();
  other.focus();
});

// A drop zone says what was chosen before it is sent.
document.addEventListener("change", (event) => {
  const zone = event.target.closest?.("[data-drop]");
  if (!zone) return;
  const names = [...event.target.files].map((file) => file.name);
  if (names.length) zone.querySelector("[data-drop-words]").textContent = names.join("、");
});
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.target.closest?.("[data-drop]")?.classList.toggle("over", type === "dragover");
  });
}

// A form is sent once: a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});

export { dressTabs };
dressTabs(document);
document.addEventListener("htmx:afterSettle", (event) => dressTabs(event.target));
