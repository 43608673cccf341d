import pg from "pg";
import type { Logger } from "../logger.ts";

const AGAIN_MS = 1_000;

interface Subscription {
  readonly channel: string;
  readonly onMessage: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

/** What hears the NOTIFYs of a server. */
export interface PostgresListener {
  /** Hears a channel until the function it gives is called. */
  listen(
    channel: string,
    onMessage: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * One connection for all channels, made by the first of them. One that is lost is made again, every
 * second until it succeeds; then everybody is told that messages may be missing.
 */
export function createPostgresListener(
  connection: pg.ClientConfig,
  log: Pick<Logger, "warn">,
): PostgresListener {
  const subscriptions = new Set<Subscription>();
  let connected: Promise<pg.Client> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const connect = (): Promise<pg.Client> => {
    connected ??= open().catch((error: unknown) => {
      connected = null;
      throw error;
    });
    return connected;
  };
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client(connection);
    // A loss is told by 'end'; an unheard 'error' would end the process.
    client.on("error", () => undefined);
    client.on("notification", ({ channel, payload }) => {
      for (const one of subscriptions) if (one.channel === channel) one.onMessage(payload ?? "");
    });
    try {
      await client.connect();
      for (const { channel } of subscriptions) await client.query(listenTo(channel));
    } catch (error) {
      await client.end();
      throw error;
    }
    client.once("end", () => {
      connected = null;
      if (isClosed) return;
      log.warn({}, "the connection that listens to the database was lost, trying again");
      connectLater();
    });
    return client;
  };
  const connectLater = () => {
    const tellAll = () => {
      for (const { onReconnect } of subscriptions) onReconnect?.();
    };
    timer = setTimeout(() => {
      connect().then(tellAll, () => {
        if (!isClosed) connectLater();
      });
    }, AGAIN_MS);
  };
  return {
    listen: async (channel, onMessage, onReconnect) => {
      const subscription = { channel, onMessage, onReconnect };
      subscriptions.add(subscription);
      try {
        await (await connect()).query(listenTo(channel));
      } catch (error) {
        subscriptions.delete(subscription);
        throw error;
      }
      return async () => {
        subscriptions.delete(subscription);
      };
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      const client = await connected?.catch(() => null);
      await client?.end();
    },
  };
}

/** Saying it twice is as good as saying it once. */
function listenTo(channel: string): string {
  return `listen ${pg.escapeIdentifier(channel)}`;
}
