import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createTessera, type Tessera } from "@tessera/sdk";
import type { MailTransport } from "#platform/mail/mail-transport.ts";
import { type App, createApp } from "#src/app.ts";
import { type Config, readConfig } from "#src/config.ts";
import { testLog } from "#test/logs.ts";
import { testDatabase } from "./database.ts";

export interface TestServer {
  readonly url: string;
  /** Nobody's: each call brings the token it needs. */
  readonly client: Tessera;
  readonly app: App;
  /** Moves the server's clock forward. */
  advance(seconds: number): Promise<void>;
}

/**
 * The whole server on a free port, as a stranger meets it: on the database that TEST_DATABASE names,
 * with the test clock, and anyone may create events. Gone after the test.
 */
export async function testServer(
  t: TestContext,
  overrides: Partial<Config> = {},
  { mail }: { mail?: MailTransport } = {},
): Promise<TestServer> {
  let app: App | undefined;
  // Before the database's own hook, which runs after this one: hooks run in the order they came.
  t.after(() => app?.close());
  const database = await testDatabase(t);
  const config = readConfig({
    DATA_DIR: "memory",
    PORT: "0",
    TEST_CLOCK: "1",
    ANONYMOUS_EVENTS: "on",
    LOG_LEVEL: "debug",
    RATE_LIMITS: "off",
  });
  app = await createApp(
    { ...config, ...overrides },
    {
      role: "all",
      database: { ...database, close: async () => {} },
      log: testLog,
      ...(mail === undefined ? {} : { mail }),
    },
  );
  await app.server.listen({ host: config.host, port: 0 });
  const { port } = app.server.server.address() as AddressInfo;
  const url = `http://${config.host}:${port}`;
  const client = createTessera({ baseUrl: url });
  return {
    url,
    client,
    app,
    advance: async (seconds) =>
      void (await client.call("moveTestClock", { body: { advance_seconds: seconds } })),
  };
}
