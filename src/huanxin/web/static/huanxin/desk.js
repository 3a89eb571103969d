// The review desk by keyboard. Everything here has a button or a link that works without it.

const typing = (node) => node.closest?.("input:not([type=hidden]), textarea, select");
const open = (key) => document.querySelector(`[data-verdict="${key}"]`);

function decide(key) {
  const panel = open(key);
  if (!panel) return;
  panel.open = true;
  panel.scrollIntoView({ block: "nearest" });
  panel.querySelector("textarea").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  const panel = event.target.closest?.("[data-verdict]");
  if (event.key === "Enter" && event.ctrlKey && panel) {
    panel.querySelector("form").requestSubmit();
    return;
  }
  if (event.key === "Escape" && panel) {
    panel.open = false;
    event.target.blur();
    return;
  }
  if (event.ctrlKey || typing(event.target)) return;
  const key = event.key.toUpperCase();
  if (key === "J" || key === "K") document.querySelector(`[data-go="${event.key.toLowerCase()}"]`)?.click();
  else if ("ARH".includes(key)) { event.preventDefault(); decide(key); }
  else if (event.key === "?") document.getElementById("keys").showModal();
});

const help = document.querySelector("[data-keys]");
if (help) {
  help.hidden = false;
  help.addEventListener("click", () => document.getElementById("keys").showModal());
}

// The clock of the case runs on from what the server said.
const clock = document.querySelector("[data-waited]");
if (clock) {
  const began = performance.now() - Number(clock.dataset.waited) * 1000;
  const words = clock.lastChild;
  const lead = words.textContent.trim().split(" ")[0];
  setInterval(() => {
    const seconds = Math.floor((performance.now() - began) / 1000);
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    words.textContent = `${lead} ${h}:${String(m).padStart(2, "0")}:${String(s).padStart(2, "0")}`;
  }, 1000);
}
