// Pages of recyclers and dismantlers. Each works without this.

// A photo is sent as soon as it is taken: one press less at the door.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-photos]");
  if (form && event.target.type === "file") form.requestSubmit();
});

function dressPhotos(root) {
  for (const button of root.querySelectorAll("[data-photos-send]")) button.hidden = true;
}

// The place of a pick-up, if the worker presses for it; else the booked door stands.
function dressPlace(root) {
  for (const form of root.querySelectorAll("[data-here]")) {
    const button = form.querySelector("[data-here-button]");
    if (!navigator.geolocation) continue;
    button.hidden = false;
    const words = button.querySelector("span");
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          form.elements.lat_e6.value = Math.round(coords.latitude * 1e6);
          form.elements.lon_e6.value = Math.round(coords.longitude * 1e6);
          words.textContent = button.dataset.found;
        },
        () => { words.textContent = button.dataset.missed; },
        { enableHighAccuracy: true, timeout: 8000 },
      );
    });
  }
}

// Tick a whole page, and count what is ticked.
function dressTicks(root) {
  for (const form of root.querySelectorAll("[data-tick]")) {
    const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
    const all = form.querySelector("[data-tick-all]");
    const words = form.querySelector("[data-tick-words]");
    const count = () => {
      words.textContent = `${words.dataset.tickWords} ${boxes.filter((box) => box.checked).length}`;
    };
    all.hidden = words.hidden = boxes.length === 0;
    all.querySelector("input").addEventListener("change", (event) => {
      for (const box of boxes) box.checked = event.target.checked;
      count();
    });
    form.addEventListener("change", count);
    count();
  }
}

// A scanner ends with Enter: the cursor goes on to the scale, and only from there the form is sent.
document.addEventListener("keydown", (event) => {
  const form = event.target.form;
  if (event.key !== "Enter" || event.target.name !== "scan" || !form?.elements.mass_g) return;
  event.preventDefault();
  form.elements.mass_g.focus();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

function dress(root) {
  dressPhotos(root);
  dressPlace(root);
  dressTicks(root);
}
dress(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target !== document.body) dress(event.target);
});
