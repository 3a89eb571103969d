// A scanner does not wait: the input is empty again as soon as a scan is on its way, and scans
// are answered in the order they came.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "till-scan") event.target.reset();
});
