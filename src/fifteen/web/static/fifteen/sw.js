// Opens the Units page without a network. It holds the empty page, its files and today's numbers; never a question.
const NAME = `fifteen-${KEPT.release}`;
const FILES = new Set(KEPT.files);

self.addEventListener("install", (event) => {
  const wanted = [...KEPT.files, ...KEPT.pages, KEPT.numbers].map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(wanted)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const drop = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("fifteen-") && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(drop());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (FILES.has(url.pathname)) event.respondWith(kept(event.request, url.pathname));
  else if (url.pathname === KEPT.numbers) event.respondWith(freshNumbers(event.request));
  else if (event.request.mode === "navigate" && KEPT.pages.includes(url.pathname)) {
    event.respondWith(fetch(event.request).catch(() => shell(url)));
  }
});

/** The empty page in the language of the link. */
async function shell(url) {
  const cache = await caches.open(NAME);
  const language = url.searchParams.get("lang");
  return (await cache.match(language ? `${url.pathname}?lang=${language}` : url.pathname)) ?? Response.error();
}

/** The copy of this release; a file of another is never mixed in. */
async function kept(request, pathname) {
  const cache = await caches.open(NAME);
  return (await cache.match(pathname)) ?? fetch(request);
}

/** Numbers from the network where there is one; the newest are kept under their one name. */
async function freshNumbers(request) {
  const cache = await caches.open(NAME);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !new URL(request.url).search) await cache.put(KEPT.numbers, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(KEPT.numbers)) ?? Response.error();
  }
}
