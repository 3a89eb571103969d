// Keeps the pick-up page on the phone: its shell and its own files, nothing of anybody's data.
const CACHE = "huanxin-field-{{ version }}";
const SHELL = "{{ shell_url }}";
const FILES = {{ files|safe }};
const WAIT_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES]))
    .then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("huanxin-field-"));
    await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (FILES.includes(url.pathname)) event.respondWith(file(request));
});

// The platform's page if it answers in time; else the shell, which has the day's work in it.
async function page(request, url) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(WAIT_MS) });
    if (url.pathname === SHELL && answer.ok && !answer.redirected) {
      const cache = await caches.open(CACHE);
      await cache.put(SHELL, answer.clone());
    }
    return answer;
  } catch {
    if (url.pathname === SHELL) return (await caches.match(SHELL)) ?? Response.error();
    return (await caches.match(SHELL)) ? Response.redirect(SHELL) : Response.error();
  }
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}
