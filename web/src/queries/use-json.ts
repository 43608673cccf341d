import { useEffect, useState } from "react";
import { type Problem, send } from "./send.ts";

/** A question to the server. While it is asked again, the last data stays. */
export interface Query<Data> {
  readonly data?: Data;
  readonly problem?: Problem;
}

/**
 * Asks the server for JSON: once, and again every so many seconds while the page is seen.
 *
 * @param path null asks nothing yet
 */
export function useJson<Data>(path: string | null, everySeconds?: number): Query<Data> {
  const [query, setQuery] = useState<Query<Data>>({});
  useEffect(() => {
    if (path === null) return;
    const stopped = new AbortController();
    const ask = async () => {
      const found = await getJson<Data>(path, stopped.signal);
      if (!stopped.signal.aborted) setQuery((last) => ({ ...last, ...found }));
    };
    void ask();
    const timer = setInterval(
      () => {
        if (document.visibilityState === "visible") void ask();
      },
      (everySeconds ?? 0) * 1000,
    );
    if (everySeconds === undefined) clearInterval(timer);
    return () => {
      clearInterval(timer);
      stopped.abort();
    };
  }, [path, everySeconds]);
  return query;
}

/** The answer to one GET. Never rejects: what went wrong is a problem. */
export async function getJson<Data>(path: string, signal?: AbortSignal): Promise<Query<Data>> {
  const sent = await send<Data>(path, signal === undefined ? {} : { signal });
  return sent.problem === null ? { data: sent.data } : { problem: sent.problem };
}
