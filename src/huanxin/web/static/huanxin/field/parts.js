// Pieces of the page come from its own <template>s, so every word stands in one place.

// A copy of a template: [data-t] gets text, [data-if] is shown or not, [data-src] and [data-href]
// get addresses, [data-list] gets nodes.
export function piece(name, facts = {}) {
  const node = document.getElementById(`t-${name}`).content.cloneNode(true);
  for (const at of node.querySelectorAll("[data-if]")) at.hidden = !facts[at.dataset.if];
  for (const at of node.querySelectorAll("[data-t]")) {
    if (facts[at.dataset.t] !== undefined) at.textContent = facts[at.dataset.t];
  }
  for (const at of node.querySelectorAll("[data-src]")) {
    if (facts[at.dataset.src]) at.src = facts[at.dataset.src];
    else at.remove();
  }
  for (const at of node.querySelectorAll("[data-href]")) at.href = facts[at.dataset.href];
  for (const at of node.querySelectorAll("[data-list]")) {
    at.append(...(facts[at.dataset.list] ?? []));
  }
  return node;
}

// Buttons and forms of a piece do what `verbs` says under their name.
export function wired(node, verbs) {
  for (const button of node.querySelectorAll("[data-do]")) {
    const verb = verbs[button.dataset.do];
    if (verb) button.addEventListener("click", () => verb(button));
  }
  for (const form of node.querySelectorAll("[data-form]")) {
    const verb = verbs[form.dataset.form];
    if (!verb) continue;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      verb(form);
    });
  }
  return node;
}

export function yuan(fen) {
  const [whole, rest] = [Math.floor(fen / 100), String(fen % 100).padStart(2, "0")];
  return `¥${String(whole).replace(/\B(?=(\d{3})+$)/g, ",")}.${rest}`;
}

// The page's own words by name, with {facts} filled in.
export function words(name, facts = {}) {
  const text = document.querySelector(`[data-word="${name}"]`).textContent;
  return text.replace(/\{(\w+)\}/g, (_, key) => facts[key] ?? "");
}
