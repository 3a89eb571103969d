// Screens: draw what the server worded, ask again every two seconds, say so when nobody answers.
import { dressTabs } from "./huanxin.js";

const STALE_AFTER_MS = 10_000;
const SIZES = new Set([
  "fontSize", "lineHeight", "symbolSize", "nodeWidth", "nodeGap", "barMaxWidth", "width",
  "borderWidth", "borderRadius", "left", "right", "top", "bottom", "padding",
]);
const drawn = new WeakMap(); // chart element -> { chart, text, scale }

// An axis cannot be worded by the server: its ticks are chosen here.
const CHINESE = {
  "@count": (n) => n.toLocaleString("zh-CN"),
  "@wan": (n) => (n >= 1e8 ? `${+(n / 1e8).toFixed(2)}亿` : n >= 1e4 ? `${+(n / 1e4).toFixed(1)}万` : `${n}元`),
  "@duration": (n) => (n >= 7200 ? `${+(n / 3600).toFixed(1)}时` : n >= 120 ? `${+(n / 60).toFixed(1)}分` : `${n}秒`),
  "@percent": (n) => `${+(n / 100).toFixed(1)}%`,
  "@times": (n) => `${+(n / 10_000).toFixed(2)}倍`,
  "@mass": (n) => (n >= 1e6 ? `${+(n / 1e6).toFixed(2)}吨` : `${+(n / 1e3).toFixed(1)}公斤`),
};
const ENGLISH = {
  "@count": (n) => n.toLocaleString("en"),
  "@wan": (n) => (n >= 1e9 ? `${+(n / 1e9).toFixed(2)} bn` : n >= 1e6 ? `${+(n / 1e6).toFixed(1)} m` : n >= 1e4 ? `${+(n / 1e3).toFixed(0)} k` : `${n}`),
  "@duration": (n) => (n >= 7200 ? `${+(n / 3600).toFixed(1)} h` : n >= 120 ? `${+(n / 60).toFixed(1)} min` : `${n} s`),
  "@percent": (n) => `${+(n / 100).toFixed(1)}%`,
  "@times": (n) => `${+(n / 10_000).toFixed(2)}×`,
  "@mass": (n) => (n >= 1e6 ? `${+(n / 1e6).toFixed(2)} t` : `${+(n / 1e3).toFixed(1)} kg`),
};
const AXES = document.documentElement.lang.startsWith("zh") ? CHINESE : ENGLISH;

// Options come in sizes of a wall whose text is 20 units; `scale` is what 20 units are here.
function fitted(value, scale, face, key = "") {
  if (Array.isArray(value)) return value.map((item) => fitted(item, scale, face, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, fitted(item, scale, face, name)]),
    );
  }
  if (typeof value === "number" && SIZES.has(key)) return value * scale;
  if (key === "fontFamily") return face;
  if (typeof value === "string" && value in AXES) return AXES[value];
  return value;
}

function draw(place) {
  const source = document.getElementById(place.dataset.chart);
  if (!source || !window.echarts) return;
  place.hidden = false;
  const style = getComputedStyle(place);
  const scale = parseFloat(style.fontSize) / 20;
  const known = drawn.get(place);
  if (known && known.text === source.textContent && known.scale === scale) return;
  const chart = known?.chart ?? window.echarts.init(place);
  chart.setOption(fitted(JSON.parse(source.textContent), scale, style.fontFamily), true);
  drawn.set(place, { chart, text: source.textContent, scale });
  if (!known) sizes.observe(place);
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const known = drawn.get(target);
    if (!known || !target.clientWidth) continue;
    known.chart.resize();
    draw(target);
  }
});

function drawAll(root) {
  for (const place of root.querySelectorAll("[data-chart]")) draw(place);
  dressTabs(root);
}

if (window.echarts) document.documentElement.dataset.charts = "on";
drawAll(document);
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));

// --- the live part ---
const live = document.getElementById("live");
const asOf = document.getElementById("as-of");
let heardAt = performance.now();
let isBehind = live?.dataset.behind === "1"; // who counts has stopped, though the site answers

function heard(answer) {
  heardAt = performance.now();
  const time = asOf.querySelector("time");
  time.textContent = answer.getResponseHeader("X-As-Of") ?? time.textContent;
  live.dataset.etag = answer.getResponseHeader("ETag") ?? "";
  isBehind = answer.getResponseHeader("X-Behind") === "1";
  tellStale();
}

function tellStale() {
  const isSilent = performance.now() - heardAt > STALE_AFTER_MS;
  asOf.classList.toggle("stale", isSilent || isBehind);
  asOf.querySelector("[data-silent]").hidden = !isSilent;
  asOf.querySelector("[data-behind]").hidden = isSilent || !isBehind;
}

if (live) {
  live.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === live && live.dataset.etag) {
      event.detail.headers["If-None-Match"] = live.dataset.etag;
    }
  });
  live.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 304) event.detail.shouldSwap = false;
    if (xhr.status === 304 || xhr.status === 200) heard(xhr);
  });
  setInterval(tellStale, 1000);
}

const button = document.querySelector("[data-full-screen]");
if (button && document.fullscreenEnabled) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
}
