// The resident's pages: finding the door, and the flash claim. Both work without this.

const alerts = () => document.getElementById("alerts");

function say(words, tone = "warn") {
  const box = document.createElement("p");
  box.className = `reason ${tone}`;
  box.textContent = words;
  alerts().replaceChildren(box);
}

// 用我现在的位置: fills the two hidden fields; refused or unavailable, the county's middle stands.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-locate]");
  if (!button) return;
  const { form } = button;
  button.disabled = true;
  const done = (words) => {
    button.disabled = false;
    button.lastChild.textContent = words;
  };
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lat_e6.value = Math.round(coords.latitude * 1e6);
      form.elements.lon_e6.value = Math.round(coords.longitude * 1e6);
      done(button.dataset.found);
    },
    () => done(button.dataset.missed),
    { enableHighAccuracy: true, timeout: 8000 },
  );
});

function showLocate(root) {
  for (const button of root.querySelectorAll("[data-locate]")) {
    button.hidden = !navigator.geolocation;
  }
}

// The claim goes to its own process, with the ticket that came with the page. Too many people:
// wait as long as it says and ask again with the same ticket. No answer at all: the plain form.
const TRIES = 6;
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function claim(form) {
  const body = JSON.stringify({ token: new FormData(form).get("token") });
  const headers = { "Content-Type": "application/json" };
  for (let n = 1; n <= TRIES; n += 1) {
    const answer = await fetch(form.dataset.gateway, { method: "POST", headers, body });
    const said = await answer.json();
    if (answer.ok) {
      location.assign(form.dataset.result.replace("won", said.outcome));
      return;
    }
    say(said.sentence);
    if (![429, 503].includes(answer.status)) return;
    await pause(Number(answer.headers.get("Retry-After") ?? 2));
  }
  throw new Error("the gateway stays busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset?.gateway || form.dataset.plain) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  button.dataset.words = button.textContent;
  button.textContent = form.dataset.waiting;
  claim(form)
    .catch(() => {
      form.dataset.plain = "yes";
      form.submit();
    })
    .finally(() => {
      button.disabled = false;
      button.textContent = button.dataset.words;
    });
});

showLocate(document);

// Kept on the home screen: without a network an honest page instead of the browser's own.
const manifest = document.querySelector("link[rel=manifest][data-worker]");
if (manifest && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(manifest.dataset.worker, { updateViaCache: "none" });
}
document.addEventListener("htmx:afterSettle", (event) => showLocate(event.target));

// A voucher of a place: the phone says where it is, once, after she has agreed on the button.
for (const form of document.querySelectorAll("form[data-near]")) {
  form.addEventListener("submit", (event) => {
    if (form.elements.lat.value || !navigator.geolocation) return;
    event.preventDefault();
    const send = (coords) => {
      form.elements.lat.value = coords ? coords.latitude.toFixed(6) : "";
      form.elements.lon.value = coords ? coords.longitude.toFixed(6) : "";
      form.submit();
    };
    navigator.geolocation.getCurrentPosition(({ coords }) => send(coords), () => send(null));
  });
}
