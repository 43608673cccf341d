import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { overloaded, Problem } from "./problem.ts";

/** A comment line goes out so often, so that dead connections are noticed. */
const HEARTBEAT_SECONDS = 15;
const TICK_MS = 1_000;

/** What a stream tells, and when. */
export interface StreamSource {
  /** What its messages are called. */
  readonly event: string;
  /** The whole picture as it is now. One with the tag of the one before is not sent again. */
  send(): Promise<{ readonly etag: string; readonly body: string }>;
  /** Calls back when it has changed, until told to stop. */
  watch(onChange: () => void): () => void;
  /** Rejects once whoever watches may no longer. Asked every second; then the stream ends. */
  readonly recheck?: () => Promise<unknown>;
}

/** The open streams of some route. */
export interface EventStreams {
  /**
   * Sends the whole picture at once, then again after each change: one message at a time, the last state always.
   *
   * @throws `overloaded` when too many are open.
   */
  open(request: FastifyRequest, reply: FastifyReply, source: StreamSource): FastifyReply;
}

interface Stream {
  readonly reply: FastifyReply;
  readonly tick: (second: number) => void;
}

/** Server-sent events of a server, a bounded number of connections, one clock for all. They end when the server closes. */
export function createEventStreams(
  server: Pick<FastifyInstance, "addHook" | "log">,
  {
    streamsMax,
    fullDetail,
    tickMs = TICK_MS,
  }: {
    readonly streamsMax: number;
    /** Said to whoever finds too many open. */
    readonly fullDetail: string;
    readonly tickMs?: number;
  },
): EventStreams {
  const open = new Set<Stream>();
  let clock: NodeJS.Timeout | undefined;
  let second = 0;
  const tick = () => {
    second++;
    for (const stream of open) stream.tick(second);
  };
  server.addHook("preClose", (done) => {
    for (const { reply } of open) reply.raw.end();
    done();
  });
  return {
    open: (request, reply, source) => {
      if (open.size >= streamsMax) throw new Problem(overloaded, fullDetail, {}, 5);
      reply.hijack();
      const stream = startStream(request, reply, source, (error) =>
        server.log.warn({ error, event: source.event }, "an event stream ended early"),
      );
      open.add(stream);
      clock ??= setInterval(tick, tickMs);
      reply.raw.once("close", () => {
        open.delete(stream);
        if (open.size > 0) return;
        clearInterval(clock);
        clock = undefined;
      });
      return reply;
    },
  };
}

function startStream(
  request: FastifyRequest,
  reply: FastifyReply,
  source: StreamSource,
  warn: (error: unknown) => void,
): Stream {
  const { raw } = reply;
  raw.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-request-id": request.id,
  });
  const isOver = () => raw.writableEnded || raw.destroyed;
  const end = (error: unknown) => {
    if (!(error instanceof Problem)) warn(error);
    raw.end();
  };
  const changed = sender(raw, source, { isOver, end });
  const unwatch = source.watch(changed);
  raw.once("close", unwatch);
  let isChecking = false;
  const recheck = async () => {
    if (isChecking || source.recheck === undefined) return;
    isChecking = true;
    try {
      await source.recheck();
    } catch (error) {
      end(error);
    } finally {
      isChecking = false;
    }
  };
  changed();
  return {
    reply,
    tick: (second) => {
      if (isOver()) return;
      void recheck();
      if (second % HEARTBEAT_SECONDS !== 0) return;
      raw.write(": still here\n\n");
      // Also looks for what no change announces: what has become old meanwhile.
      changed();
    },
  };
}

/** To be called at each change: sends what there is then, unless it is just being sent. */
function sender(
  raw: FastifyReply["raw"],
  source: StreamSource,
  { isOver, end }: { isOver: () => boolean; end: (error: unknown) => void },
): () => void {
  let sent = "";
  let wanted = false;
  let busy = false;
  const pump = async () => {
    if (busy) return;
    busy = true;
    try {
      while (wanted && !isOver()) {
        wanted = false;
        const { etag, body } = await source.send();
        if (etag === sent || isOver()) continue;
        sent = etag;
        const message = `id: ${etag.slice(1, -1)}\nevent: ${source.event}\ndata: ${body}\n\n`;
        if (raw.write(message)) continue;
        await new Promise((resolve) => raw.once("drain", resolve).once("close", resolve));
      }
    } catch (error) {
      end(error);
    } finally {
      busy = false;
    }
  };
  return () => {
    wanted = true;
    void pump();
  };
}
