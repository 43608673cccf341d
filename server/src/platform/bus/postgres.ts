import type { Database } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import type { Bus } from "./bus.ts";

/** Messages of one channel that wait go out as one, at most so often. */
const GATHER_MS = 20;
/** PostgreSQL takes 8,000 bytes a message. */
const PAYLOAD_BYTES_MAX = 7_000;

/** Payloads that wait go out together, each once; they have no spaces, which separate them on the way. */
export function createPostgresBus(database: Database, log: Logger): Bus {
  const stops: (() => Promise<void>)[] = [];
  const waiting = new Map<string, Set<string>>();
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> = Promise.resolve();

  const send = async () => {
    timer = null;
    const messages = [...waiting];
    waiting.clear();
    for (const [channel, words] of messages) {
      for (const payload of payloads(words)) {
        await database.prepared("notify", "select pg_notify($1, $2)", [
          channelName(channel),
          payload,
        ]);
      }
    }
  };
  const flush = () => {
    sending = sending
      .then(send)
      .catch((error) => log.warn({ error }, "other processes could not be told of a change"));
    return sending;
  };
  return {
    publish: (channel, payload) => {
      const words = waiting.get(channel) ?? new Set();
      waiting.set(channel, words);
      words.add(payload);
      timer ??= setTimeout(flush, GATHER_MS);
      return Promise.resolve();
    },
    subscribe: async (channel, onMessage, onGap) => {
      const onWords = (words: string) => {
        for (const word of words.split(" ")) onMessage(word);
      };
      stops.push(await database.listen(channelName(channel), onWords, onGap));
    },
    close: async () => {
      if (timer !== null) clearTimeout(timer);
      await flush();
      for (const stop of stops) await stop();
    },
  };
}

function channelName(channel: string): string {
  return `tessera_${channel}`;
}

function payloads(words: Iterable<string>): string[] {
  const made: string[] = [];
  let payload = "";
  for (const word of words) {
    if (payload.length + word.length + 1 > PAYLOAD_BYTES_MAX) {
      made.push(payload);
      payload = "";
    }
    payload = payload === "" ? word : `${payload} ${word}`;
  }
  if (payload !== "") made.push(payload);
  return made;
}
