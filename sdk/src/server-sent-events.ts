/** One message of an event stream. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * The messages of an event stream (WHATWG), as they come; comments and fields that carry no message
 * are left out. A message that was cut off is not given. The stream is let go of at the end.
 *
 * @param onBytes called whenever anything came, comments too.
 */
export async function* serverSentEvents(
  stream: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<ServerSentEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let block: string[] = [];
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      // A carriage return at the end may be the first half of a line's end.
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line !== "") {
          block.push(line);
          continue;
        }
        const message = messageOf(block);
        block = [];
        if (message !== null) yield message;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function messageOf(block: readonly string[]): ServerSentEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block) {
    const [, name, value = ""] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "event") event = value;
    if (name === "data") data.push(value);
  }
  return data.length === 0 ? null : { event, data: data.join("\n") };
}
