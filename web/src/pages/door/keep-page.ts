const KEPT = "door";
const PAGE = "/door";
const ASSETS = "/assets/";

/**
 * Keeps the page and all that it has loaded so far and nothing else, so that it can be opened again without a network. Where browsers do not allow it
 * (pages that came by plain HTTP), or there is no network, nothing changes.
 */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
  try {
    await navigator.serviceWorker.register("/door-worker.js", { scope: PAGE });
    const kept = await caches.open(KEPT);
    const needed = [PAGE, "/favicon.svg", ...assetsLoaded()];
    const have = new Set((await kept.keys()).map(({ url }) => new URL(url).pathname));
    // Assets never change under their names.
    await kept.addAll(needed.filter((path) => !path.startsWith(ASSETS) || !have.has(path)));
    // Those of an earlier page.
    for (const path of have) if (!needed.includes(path)) await kept.delete(path);
  } catch {
    // Next time the page is opened.
  }
}

/** Scripts, chunks that came later, styles: whatever this page has loaded, from the network or from what was kept. */
function assetsLoaded(): readonly string[] {
  const paths = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith(ASSETS))
    .map(({ pathname }) => pathname);
  return [...new Set(paths)];
}
