// The page /door without a network: the last shell of it that was kept (src/pages/door/keep-page.ts fills the cache).
// The page is asked for first, so that a new one is seen at once; what never changes is taken from the cache.

const KEPT = "door";
const PAGE = "/door";
const ANSWER_MS_MAX = 4_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(askFirst(request));
  else if (!pathname.startsWith("/v1/")) event.respondWith(lookFirst(request));
});

async function askFirst(request) {
  const kept = await keptFor(PAGE);
  // Without one there is nothing to fall back to: however long it takes.
  if (kept === undefined) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return answer.ok ? answer : kept;
  } catch {
    return kept;
  }
}

async function lookFirst(request) {
  return (await keptFor(request)) ?? fetch(request);
}

/** What it was asked for with makes no difference to what is kept. */
async function keptFor(request) {
  return (await caches.open(KEPT)).match(request, { ignoreVary: true, ignoreSearch: true });
}
