/** Why the server refused (RFC 9457), or why it could not be asked. */
export interface Problem {
  /** What to decide by; `unreachable` when nothing answered. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

/** What came of a request: what was answered, or why not. */
export type Sent<Data> =
  | { readonly data: Data; readonly problem: null }
  | { readonly problem: Problem };

/** Sends one request. Never rejects: what went wrong is a problem. */
export function send<Data>(path: string, options: RequestInit): Promise<Sent<Data>> {
  const headers = { accept: "application/json", ...options.headers };
  return reach(async () => sentOf<Data>(await fetch(path, { ...options, headers })));
}

/** Asks for a file. Never rejects, as `send`. */
export function loadFile(path: string, options: RequestInit): Promise<Sent<Blob>> {
  return reach(async () => {
    const response = await fetch(path, options);
    return response.ok ? { data: await response.blob(), problem: null } : sentOf(response);
  });
}

/** What a token opens, and never the session of whoever may be logged in here. */
export function bearer(token: string) {
  return { credentials: "omit", headers: { authorization: `Bearer ${token}` } } as const;
}

async function reach<Data>(ask: () => Promise<Sent<Data>>): Promise<Sent<Data>> {
  try {
    return await ask();
  } catch {
    return {
      problem: {
        code: "unreachable",
        title: "The server cannot be reached",
        detail: "Check your connection, then try again.",
      },
    };
  }
}

/** Sends a body. */
export function post<Data>(path: string, body: object): Promise<Sent<Data>> {
  return send(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** What an answer says; an empty one has nothing to say but that all is well. */
export async function sentOf<Data>(response: Response): Promise<Sent<Data>> {
  const text = await response.text();
  if (response.ok)
    return { data: (text === "" ? undefined : JSON.parse(text)) as Data, problem: null };
  if (response.headers.get("content-type")?.includes("problem+json")) {
    return { problem: JSON.parse(text) as Problem };
  }
  return {
    problem: {
      code: "no_answer",
      title: "The server cannot answer",
      detail: `It said ${response.status}. Try again in a moment.`,
    },
  };
}
