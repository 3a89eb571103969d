// A scanner does not wait: the input is empty again as soon as a scan is on its way, and scans
// are answered in the order they came.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "till-scan") event.target.reset();
});

// Without a network nothing is sent, so nothing can be pending: the till says so and sells nothing.
const offline = document.getElementById("till-offline");
const show = (isOffline) => {
  offline.hidden = !isOffline;
  if (isOffline) offline.focus();
};
document.addEventListener("htmx:sendError", () => show(true));
document.addEventListener("htmx:afterOnLoad", () => show(false));
window.addEventListener("offline", () => show(true));
window.addEventListener("online", () => show(false));

document.addEventListener("submit", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  show(true);
});
