import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:net";
import { test } from "node:test";
import { connect as connectSecurely } from "node:tls";
import helmet from "@fastify/helmet";
import Fastify from "fastify";
import { aServer, listen, readAnswer, sendRaw } from "./testing.ts";
import { testCertificate } from "./testing-certificate.ts";

// What only the bytes on a connection can show.

const PUBLIC = { config: { requires: [] as const } };
const CLOSE = "Host: h\r\nConnection: close\r\n";

async function helmetHeaders(): Promise<string[]> {
  const server = Fastify();
  await server.register(helmet);
  server.get("/", () => "");
  const { headers } = await server.inject("/");
  await server.close();
  return Object.keys(headers).filter(
    (name) => !["date", "connection", "content-length", "content-type"].includes(name),
  );
}

test("every answer has each header that helmet sets, and the request's id", async (t) => {
  const wanted = [...(await helmetHeaders()), "x-request-id"];
  assert.ok(wanted.length > 10);
  const { server } = await aServer(t, { routes: (to) => to.get("/", PUBLIC, () => ({})) });
  const port = await listen(server);
  for (const path of ["/", "/nothing", "/%zz"]) {
    const wire = readAnswer(await sendRaw(port, `GET ${path} HTTP/1.1\r\n${CLOSE}\r\n`));
    const injected = await server.inject(path);
    for (const name of wanted) {
      assert.ok(wire.headers.has(name), `${path} has ${name} on the wire`);
      if (name === "x-request-id") continue;
      assert.equal(injected.headers[name], wire.headers.get(name), `${path}: ${name} injected`);
    }
  }
});

test("a page may use what its server has, and a policy of its own replaces the usual one", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => {
      to.get("/page", PUBLIC, (_, reply) => void reply.type("text/html").send("<p>"));
      to.get("/own", PUBLIC, (_, reply) => {
        reply.header("content-security-policy", "default-src 'self'").type("text/html").send("<p>");
      });
      to.get("/data", PUBLIC, () => ({}));
    },
  });
  const port = await listen(server);
  const policies = async (path: string) =>
    (await sendRaw(port, `GET ${path} HTTP/1.1\r\n${CLOSE}\r\n`)).match(
      /^content-security-policy: .*$/gim,
    ) ?? [];
  const [page, ...none] = await policies("/page");
  assert.deepEqual(none, []);
  assert.match(String(page), /default-src 'self'.*frame-ancestors 'none'/);
  assert.deepEqual(await policies("/own"), ["content-security-policy: default-src 'self'"]);
  assert.match(String((await policies("/data"))[0]), /default-src 'none'/);
});

test("a page may use nothing of the device, unless it says so", async (t) => {
  const own = "camera=(self)";
  const { server } = await aServer(t, {
    routes: (to) => {
      to.get("/page", PUBLIC, (_, reply) => void reply.type("text/html").send("<p>"));
      to.get("/own", PUBLIC, (_, reply) => {
        reply.header("permissions-policy", own).type("text/html").send("<p>");
      });
    },
  });
  const port = await listen(server);
  const policies = async (path: string) =>
    (await sendRaw(port, `GET ${path} HTTP/1.1\r\n${CLOSE}\r\n`)).match(
      /^permissions-policy: .*$/gim,
    );
  const usual = "permissions-policy: camera=(), geolocation=(), microphone=()";
  assert.deepEqual(await policies("/page"), [usual]);
  assert.deepEqual(await policies("/own"), [`permissions-policy: ${own}`]);
});

test("a page that has not changed keeps the policy it came with: its 304 brings none", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => {
      to.get("/page", PUBLIC, (_, reply) => reply.code(304).header("etag", '"page"').send());
    },
  });
  const port = await listen(server);
  const { status, headers } = readAnswer(await sendRaw(port, `GET /page HTTP/1.1\r\n${CLOSE}\r\n`));
  assert.equal(status, 304);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  for (const policy of [
    "content-security-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
  ]) {
    assert.equal(headers.get(policy), undefined);
  }
});

test("an answer that other sites may use says so in place of the usual", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) =>
      to.get("/picture", PUBLIC, (_, reply) => {
        reply
          .header("cross-origin-resource-policy", "cross-origin")
          .type("image/svg+xml")
          .send("<svg/>");
      }),
  });
  const port = await listen(server);
  const text = await sendRaw(port, `GET /picture HTTP/1.1\r\n${CLOSE}\r\n`);
  assert.deepEqual(text.match(/^cross-origin-resource-policy: .*$/gim), [
    "cross-origin-resource-policy: cross-origin",
  ]);
  assert.equal(readAnswer(text).headers.get("x-content-type-options"), "nosniff");
});

test("browsers are told to come back by HTTPS only where the server is reached by it", async (t) => {
  const transportOf = async (publicUrl: string) => {
    const { server } = await aServer(t, { config: { publicUrl } });
    return (await server.inject("/")).headers["strict-transport-security"];
  };
  assert.match(String(await transportOf("https://tickets.example.org")), /max-age=\d{8}/);
  assert.equal(await transportOf("http://localhost:8080"), undefined);
});

test("no cache keeps an answer unless the route says so, and never a problem", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => {
      to.get("/private", PUBLIC, () => ({}));
      to.get(
        "/public",
        PUBLIC,
        (_, reply) => void reply.header("cache-control", "no-cache").send({}),
      );
      to.get("/broken", PUBLIC, (_, reply) => {
        reply.header("cache-control", "public, max-age=9");
        throw new Error("broken");
      });
    },
  });
  const port = await listen(server);
  const cacheOf = async (path: string) =>
    readAnswer(await sendRaw(port, `GET ${path} HTTP/1.1\r\n${CLOSE}\r\n`)).headers.get(
      "cache-control",
    );
  assert.equal(await cacheOf("/private"), "no-store");
  assert.equal(await cacheOf("/public"), "no-cache");
  assert.equal(await cacheOf("/broken"), "no-store");
});

test("a refused body does not cost the connection, when it was read to its end", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => to.post("/echo", PUBLIC, (request) => request.body),
  });
  const port = await listen(server);
  const post = (body: string, more = "") =>
    `POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
  const text = await sendRaw(port, post("{bad") + post('{"a":1}', "Connection: close\r\n"));
  assert.deepEqual(text.match(/HTTP\/1.1 \d+/g), ["HTTP/1.1 400", "HTTP/1.1 200"]);
});

for (const tls of [null, testCertificate]) {
  const scheme = tls === null ? "HTTP" : "HTTPS";
  test(`closing finishes what is under way, with Connection: close on the last answer: ${scheme}`, async (t) => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const { server } = await aServer(t, {
      config: { tls },
      routes: (to) =>
        to.get("/slow", PUBLIC, async () => {
          started.resolve();
          await finish.promise;
          return { done: true };
        }),
    });
    const port = await listen(server);
    const open = () =>
      tls === null
        ? connect(port, "127.0.0.1")
        : connectSecurely({ port, host: "127.0.0.1", rejectUnauthorized: false });
    const unused = open();
    await once(unused, tls === null ? "connect" : "secureConnect");
    const answer = sendRaw(open(), "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    await started.promise;
    const closed = server.close();
    unused.resume();
    await once(unused, "close");
    finish.resolve();
    const { status, headers, body } = readAnswer(await answer);
    assert.equal(status, 200);
    assert.equal(headers.get("connection"), "close");
    assert.deepEqual(JSON.parse(body), { done: true });
    await closed;
  });
}

test("what does not finish is cut off when closing has waited long enough", async (t) => {
  const started = Promise.withResolvers<void>();
  const { server } = await aServer(t, {
    config: { closeTimeoutMs: 50 },
    routes: (to) =>
      to.get("/never", PUBLIC, () => {
        started.resolve();
        return new Promise(() => undefined);
      }),
  });
  const port = await listen(server);
  const answer = sendRaw(port, "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
  await started.promise;
  await server.close();
  assert.equal(await answer, "");
});

test("a head that never ends is answered 408 in time", async (t) => {
  const { server } = await aServer(t, {
    config: { headersTimeoutMs: 100, requestTimeoutMs: 200 },
  });
  const port = await listen(server);
  const answer = readAnswer(await sendRaw(port, "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "));
  assert.equal(answer.status, 408);
  assert.equal(JSON.parse(answer.body).code, "request_timed_out");
});

test("HTTPS is spoken where a certificate is given, with the same headers", async (t) => {
  const { server } = await aServer(t, {
    config: { tls: testCertificate },
    routes: (to) => to.get("/", PUBLIC, () => ({})),
  });
  const port = await listen(server);
  const sent = request({ port, host: "127.0.0.1", rejectUnauthorized: false }).end();
  const [answer] = await once(sent, "response");
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  answer.resume();
  await once(answer, "end");
});
