import { Redis } from "ioredis";
import type { Logger } from "../logger.ts";
import type { Bus } from "./bus.ts";

/** Redis' publish and subscribe. A Redis that is away delays what others see, never what is sold. */
export async function createRedisBus(url: string, log: Logger): Promise<Bus> {
  const options = { maxRetriesPerRequest: 1, enableOfflineQueue: true, lazyConnect: true } as const;
  const sender = new Redis(url, options);
  const receiver = new Redis(url, { ...options, maxRetriesPerRequest: null });
  const listeners = new Map<string, (payload: string) => void>();
  const gaps: (() => void)[] = [];
  let wasReady = false;
  for (const client of [sender, receiver]) {
    client.on("error", (error) => log.warn({ error }, "Redis is away, trying again"));
  }
  receiver.on("message", (channel, payload) => listeners.get(channel)?.(payload));
  receiver.on("ready", () => {
    if (wasReady) for (const onGap of gaps) onGap();
    wasReady = true;
  });
  await Promise.all([sender.connect(), receiver.connect()]);
  return {
    publish: async (channel, payload) => {
      try {
        await sender.publish(`tessera:${channel}`, payload);
      } catch (error) {
        log.warn({ error }, "other processes could not be told of a change");
      }
    },
    subscribe: async (channel, onMessage, onGap) => {
      listeners.set(`tessera:${channel}`, onMessage);
      gaps.push(onGap);
      await receiver.subscribe(`tessera:${channel}`);
    },
    close: async () => {
      await Promise.all([sender.quit(), receiver.quit()]);
    },
  };
}
