import { useEffect, useState } from "react";

/** Why the server refused (RFC 9457), or why it could not be asked. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
}

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
  try {
    const response = await fetch(path, {
      headers: { accept: "application/json" },
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) return { data: (await response.json()) as Data };
    const isProblem = response.headers.get("content-type")?.includes("problem+json");
    if (isProblem) return { problem: (await response.json()) as Problem };
    return {
      problem: { title: "The server cannot answer", detail: `It said ${response.status}.` },
    };
  } catch {
    return {
      problem: {
        title: "The server cannot be reached",
        detail: "Check your connection, then load the page again.",
      },
    };
  }
}
