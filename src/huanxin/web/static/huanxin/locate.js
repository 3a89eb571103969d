// The place of a photo: one press fills latitude and longitude; without it they are typed.
for (const form of document.querySelectorAll("[data-locate]")) {
  const button = form.querySelector("[data-locate-button]");
  if (!button || !navigator.geolocation) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.querySelector("[name$=lat_e6]").value = coords.latitude.toFixed(6);
      form.querySelector("[name$=lon_e6]").value = coords.longitude.toFixed(6);
    });
  });
}
