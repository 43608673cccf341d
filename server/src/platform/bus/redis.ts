import { Redis } from "ioredis";
import type { Logger } from "../logger.ts";
import type { Bus } from "./bus.ts";

/** Longer than any Redis that is well takes, shorter than anybody waits. */
const ANSWER_MS_MAX = 1_000;
const OPTIONS = {
  lazyConnect: true,
  connectTimeout: ANSWER_MS_MAX,
  keepAlive: 10_000,
} as const;

/**
 * Redis' publish and subscribe. A Redis that is away, or silent, delays what others see, never what
 * is sold: nothing here waits for it longer than a second, not the start and not the end either.
 */
export async function createRedisBus(url: string, log: Logger): Promise<Bus> {
  const sender = new Redis(url, {
    ...OPTIONS,
    maxRetriesPerRequest: 1,
    commandTimeout: ANSWER_MS_MAX,
  });
  // It asks for its channels again by our hand: only after that is it known what was missed.
  const receiver = new Redis(url, {
    ...OPTIONS,
    maxRetriesPerRequest: null,
    autoResubscribe: false,
  });
  const listeners = new Map<string, (payload: string) => void>();
  const gaps: (() => void)[] = [];
  let isAway = false;
  const away = (error: unknown) => {
    if (!isAway) log.warn({ error }, "Redis is away: other processes see changes later");
    isAway = true;
  };
  sender.on("error", away);
  receiver.on("error", away);
  receiver.on("message", (channel, payload) => listeners.get(channel)?.(payload));
  receiver.on("ready", () => {
    if (isAway) log.warn({}, "Redis is back");
    isAway = false;
    if (listeners.size === 0) return;
    receiver.subscribe(...listeners.keys()).then(() => {
      for (const onGap of gaps) onGap();
    }, away);
  });
  // Who is away now is tried again and again, by the client.
  await Promise.allSettled([sender.connect(), receiver.connect()]);
  return {
    publish: async (channel, payload) => {
      try {
        await sender.publish(nameOf(channel), payload);
      } catch (error) {
        away(error);
      }
    },
    subscribe: async (channel, onMessage, onGap) => {
      listeners.set(nameOf(channel), onMessage);
      gaps.push(onGap);
      // While Redis is away there is nothing to ask; it is asked when it is back.
      if (receiver.status === "ready") await receiver.subscribe(nameOf(channel)).catch(away);
    },
    close: () => {
      sender.disconnect();
      receiver.disconnect();
      return Promise.resolve();
    },
  };
}

function nameOf(channel: string): string {
  return `tessera:${channel}`;
}
