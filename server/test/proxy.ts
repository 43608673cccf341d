import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface TestProxy {
  /** The service's address, by way of the proxy. */
  readonly url: string;
  /** Passes nothing on any more, and says nothing about it. */
  silence(): void;
  /** Cuts what is connected; who connects again is served. */
  cut(): void;
  /** Cuts, and serves nobody who connects. */
  down(): void;
  up(): void;
}

/** Stands between the code and a service, to do to it what networks do. */
export async function testProxy(t: TestContext, serviceUrl: string): Promise<TestProxy> {
  const url = new URL(serviceUrl);
  const target = { host: url.hostname, port: Number(url.port || DEFAULT_PORTS[url.protocol]) };
  const sockets = new Set<Socket>();
  let isDown = false;
  const server = createServer((near) => {
    if (isDown) {
      near.on("error", () => undefined).destroy();
      return;
    }
    const far = connect(target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket.on("error", () => undefined).once("close", () => other.destroy()));
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  t.after(() => {
    cut();
    server.close();
  });
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    down: () => {
      isDown = true;
      cut();
    },
    up: () => {
      isDown = false;
    },
  };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  "postgres:": "5432",
  "postgresql:": "5432",
  "redis:": "6379",
};
