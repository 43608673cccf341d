import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import type { HttpServer } from "./server.ts";
import { aServer, listen, readAnswer, sendRaw } from "./testing.ts";

// Bytes as they may come from anyone, on a connection of their own. None of them is a 500, and whatever HTTP lets
// be answered is answered by a problem.

const THING = "/things/evt_01h455vb4pex5vsknk084sn02q";
const TOO_DEEP = "[".repeat(33) + "]".repeat(33);
const DEEP = `{"any":${"[".repeat(31)}${"]".repeat(31)}}`;

interface Row {
  readonly sent: string | Buffer;
  /** Null: the connection is closed without a word. */
  readonly status: number | null;
  readonly code?: string;
}

/** A request with a JSON body. */
function post(body: string | Buffer, { headers = "", path = "/things" } = {}): Buffer {
  const bytes = Buffer.from(body);
  const type = /content-type/i.test(headers) ? "" : "Content-Type: application/json\r\n";
  return Buffer.concat([
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: h\r\n${type}${headers}Content-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`,
    ),
    bytes,
  ]);
}

function get(path: string, headers = "", host = "Host: h\r\n"): string {
  return `GET ${path} HTTP/1.1\r\n${host}${headers}Connection: close\r\n\r\n`;
}

const ROWS: Record<string, Row> = {
  "a good request": { sent: post('{"name":"a","count":1}'), status: 200 },
  "a good read": { sent: get(THING), status: 200 },

  "NUL in a path": { sent: get("/things/%00"), status: 400, code: "malformed_request" },
  "NUL in a query": { sent: get("/things?q=%00"), status: 400, code: "malformed_request" },
  "a line break in a path": { sent: get("/things/a%0Ab"), status: 400, code: "malformed_request" },
  "DEL in a path": { sent: get("/things/%7f"), status: 400, code: "malformed_request" },
  "a raw NUL in the path": { sent: get("/things/\0"), status: 400, code: "malformed_request" },
  "a percent sign alone": { sent: get("/things/%"), status: 400, code: "malformed_request" },
  "a bad percent sequence": { sent: get("/%zz"), status: 400, code: "malformed_request" },
  "invalid UTF-8 in a path": {
    sent: get("/things/%ff%fe"),
    status: 400,
    code: "malformed_request",
  },
  "an overlong slash in a path": { sent: get("/%c0%af"), status: 400, code: "malformed_request" },
  "a surrogate in a path": {
    sent: get("/things/%ed%a0%80"),
    status: 400,
    code: "malformed_request",
  },
  "dots in a path": { sent: get("/things/../../etc/passwd"), status: 404, code: "not_found" },
  "escaped dots in a path": { sent: get("/things/..%2f..%2fx"), status: 400, code: "malformed_id" },
  "an absolute address": { sent: get("http://h/nothing"), status: 404, code: "not_found" },
  "an address that is a star": {
    sent: "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    status: 404,
  },
  "an id of 10,000 characters": { sent: get(`/things/${"a".repeat(10_000)}`), status: 400 },
  "an id of another kind": {
    sent: get("/things/slt_01h455vb4pex5vsknk084sn02q"),
    status: 400,
    code: "malformed_id",
  },
  "an id cut short": { sent: get("/things/evt_01h455"), status: 400, code: "malformed_id" },
  "an id in capitals": {
    sent: get(THING.toUpperCase().replace("/THINGS", "/things")),
    status: 400,
    code: "malformed_id",
  },
  "a semicolon in a path": { sent: get(`${THING};x=1`), status: 400, code: "malformed_id" },
  "a prototype's name in a query": {
    sent: get("/list?__proto__=1&constructor=2&limit=1"),
    status: 200,
  },
  "a number that is none in a query": {
    sent: get("/list?limit=abc"),
    status: 422,
    code: "invalid_field",
  },
  "a number too large in a query": {
    sent: get("/list?limit=1e400"),
    status: 422,
    code: "invalid_field",
  },
  "the same number twice in a query": {
    sent: get("/list?limit=1&limit=2"),
    status: 422,
    code: "invalid_field",
  },

  "no Host": { sent: get(THING, "", ""), status: 400, code: "malformed_request" },
  "two Hosts": { sent: get(THING, "Host: other\r\n"), status: 400, code: "malformed_request" },
  "two Hosts, spelled differently": { sent: get(THING, "HOST: h\r\n"), status: 400 },
  "a header without a name": {
    sent: get(THING, ": x\r\n"),
    status: 400,
    code: "malformed_request",
  },
  "a header with a space in its name": { sent: get(THING, "A b: x\r\n"), status: 400 },
  "a NUL in a header": { sent: get(THING, "A: \0\r\n"), status: 400, code: "malformed_request" },
  "a folded header": { sent: get(THING, "A: x\r\n y\r\n"), status: 400, code: "malformed_request" },
  "headers of 100 kB": {
    sent: get(THING, `A: ${"x".repeat(100_000)}\r\n`),
    status: 431,
    code: "headers_too_large",
  },
  "an address of 100 kB": {
    sent: get(`/${"x".repeat(100_000)}`),
    status: 431,
    code: "headers_too_large",
  },
  "another protocol": {
    sent: "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    status: 400,
    code: "malformed_request",
  },
  "HTTP/2 without asking": { sent: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 400 },
  "HTTP/3.7": { sent: "GET / HTTP/3.7\r\nHost: h\r\n\r\n", status: 400 },
  "a TLS greeting": { sent: Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3]), status: 400 },
  "bare line feeds": { sent: "GET / HTTP/1.1\nHost: h\n\n", status: 400 },
  "an unknown method": { sent: "BREW /things HTTP/1.1\r\nHost: h\r\n\r\n", status: 400 },
  "a method that is not for this": {
    sent: get(THING).replace("GET", "DELETE"),
    status: 405,
    code: "method_not_allowed",
  },
  "a WebDAV method": { sent: get(THING).replace("GET", "PROPFIND"), status: 405 },
  TRACE: { sent: get(THING, "Cookie: a=b\r\n").replace("GET", "TRACE"), status: 405 },
  CONNECT: { sent: "CONNECT example.org:443 HTTP/1.1\r\nHost: h\r\n\r\n", status: null },
  "an upgrade nobody offers": {
    sent: get(THING, "Upgrade: websocket\r\nConnection: upgrade\r\n"),
    status: 200,
  },

  "a length that is a word": {
    sent: post("{}", { headers: "Content-Length: abc\r\n" }),
    status: 400,
  },
  "a negative length": {
    sent: "POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    status: 400,
  },
  "two lengths": { sent: post("{}", { headers: "Content-Length: 5\r\n" }), status: 400 },
  "a length and chunks": {
    sent: post("0\r\n\r\n", { headers: "Transfer-Encoding: chunked\r\n" }),
    status: 400,
  },
  "chunks that lie": {
    sent: "POST /things HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    status: 400,
  },
  "an encoding nobody knows": {
    sent: "POST /things HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
    status: 415,
  },
  "a length of 9 TB": {
    sent: "POST /things HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 9000000000000\r\n\r\n",
    status: 413,
    code: "body_too_large",
  },
  "a body of 2 MB": {
    sent: post(`{"name":"${"x".repeat(2_000_000)}"}`),
    status: 413,
    code: "body_too_large",
  },
  "a compressed body": {
    sent: post("{}", { headers: "Content-Encoding: gzip\r\n" }),
    status: 415,
    code: "unsupported_media_type",
  },

  "plain text": {
    sent: post('{"name":"a"}', { headers: "Content-Type: text/plain\r\n" }),
    status: 415,
    code: "unsupported_media_type",
  },
  "a form": {
    sent: post("name=a", { headers: "Content-Type: application/x-www-form-urlencoded\r\n" }),
    status: 415,
  },
  "two types": {
    sent: post("{}", { headers: "Content-Type: text/plain\r\nContent-Type: application/json\r\n" }),
    status: 415,
  },
  "an empty type": { sent: post("{}", { headers: "Content-Type: \r\n" }), status: 415 },
  "UTF-16": {
    sent: post(Buffer.from('{"name":"a"}', "utf16le")),
    status: 400,
    code: "malformed_request",
  },
  "a byte order mark": {
    sent: post('\ufeff{"name":"a","count":1}'),
    status: 400,
    code: "malformed_request",
  },
  "invalid UTF-8": {
    sent: post(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    status: 400,
    code: "malformed_request",
  },
  "an encoded surrogate": { sent: post(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), status: 400 },

  "no JSON": { sent: post("{bad"), status: 400, code: "malformed_request" },
  "half of JSON": { sent: post('{"name":"a"'), status: 400, code: "malformed_request" },
  "two JSON texts": { sent: post("{}{}"), status: 400, code: "malformed_request" },
  "JSON with a comment": { sent: post("{} // x"), status: 400, code: "malformed_request" },
  "single quotes": { sent: post("{'name':'a'}"), status: 400, code: "malformed_request" },
  "not a number": {
    sent: post('{"name":"a","count":NaN}'),
    status: 400,
    code: "malformed_request",
  },
  "a raw NUL in a string": { sent: post('{"name":"\0"}'), status: 400, code: "malformed_request" },
  "a raw line break in a string": {
    sent: post('{"name":"a\nb"}'),
    status: 400,
    code: "malformed_request",
  },
  "the same name twice": {
    sent: post('{"name":"a","name":"b","count":1}'),
    status: 400,
    code: "malformed_request",
  },
  "the same name twice, escaped": {
    sent: post('{"name":"a","n\\u0061me":"b","count":1}'),
    status: 400,
    code: "malformed_request",
  },
  __proto__: {
    sent: post('{"name":"a","count":1,"__proto__":{"x":1}}'),
    status: 400,
    code: "malformed_request",
  },
  constructor: {
    sent: post('{"name":"a","count":1,"constructor":{}}'),
    status: 422,
    code: "invalid_field",
  },
  "too deep": { sent: post(TOO_DEEP), status: 400, code: "malformed_request" },
  "just not too deep": { sent: post(DEEP), status: 422, code: "invalid_field" },
  "500,000 levels": { sent: post("[".repeat(500_000) + "]".repeat(500_000)), status: 400 },
  "500,000 opening brackets": {
    sent: post("[".repeat(500_000)),
    status: 400,
    code: "malformed_request",
  },
  "a list": { sent: post("[]"), status: 422, code: "invalid_field" },
  null: { sent: post("null"), status: 422, code: "invalid_field" },
  "a number": { sent: post("7"), status: 422, code: "invalid_field" },
  "an escaped NUL": {
    sent: post('{"name":"a\\u0000","count":1}'),
    status: 422,
    code: "invalid_field",
  },
  "a lone surrogate": {
    sent: post('{"name":"\\ud800","count":1}'),
    status: 422,
    code: "invalid_field",
  },
  "an escaped bell": {
    sent: post('{"name":"\\u0007","count":1}'),
    status: 422,
    code: "invalid_field",
  },
  "an escaped line break": {
    sent: post('{"name":"a\\nb","count":1}'),
    status: 422,
    code: "invalid_field",
  },
  "a control character as UTF-8": { sent: post('{"name":"a\u0085","count":1}'), status: 422 },
  "a NUL in a name": { sent: post('{"na\\u0000me":"a"}'), status: 422, code: "invalid_field" },
  "only blanks": { sent: post('{"name":"  ","count":1}'), status: 422, code: "invalid_field" },
  "10,000 characters": { sent: post(`{"name":"${"x".repeat(10_000)}","count":1}`), status: 422 },
  "a number as a string": {
    sent: post('{"name":"a","count":"1"}'),
    status: 422,
    code: "invalid_field",
  },
  "a boolean as a number": {
    sent: post('{"name":"a","count":true}'),
    status: 422,
    code: "invalid_field",
  },
  "a fraction": { sent: post('{"name":"a","count":1.5}'), status: 422, code: "invalid_field" },
  "2^53": {
    sent: post('{"name":"a","count":9007199254740992}'),
    status: 422,
    code: "invalid_field",
  },
  "1e400": { sent: post('{"name":"a","count":1e400}'), status: 422, code: "invalid_field" },
  "a number of 100,000 digits": {
    sent: post(`{"name":"a","count":${"9".repeat(100_000)}}`),
    status: 422,
  },
  "an unknown field": {
    sent: post('{"name":"a","count":1,"extra":1}'),
    status: 422,
    code: "invalid_field",
  },
  "100,000 unknown fields": {
    sent: post(`{${Array.from({ length: 60_000 }, (_, n) => `"f${n}":1`).join()}}`),
    status: 422,
  },

  "two keys": {
    sent: post("{}", { headers: "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", path: "/keyed" }),
    status: 400,
  },
  "a key of 10 kB": {
    sent: post("{}", { headers: `Idempotency-Key: ${"a".repeat(10_000)}\r\n`, path: "/keyed" }),
    status: 400,
  },
  "an empty key": {
    sent: post("{}", { headers: "Idempotency-Key: \r\n", path: "/keyed" }),
    status: 400,
  },
  "a key beyond ASCII": {
    sent: post("{}", { headers: "Idempotency-Key: käse\r\n", path: "/keyed" }),
    status: 400,
  },
  "a token of nobody": {
    sent: get("/whoami", `Authorization: Bearer ${"a".repeat(43)}\r\n`),
    status: 401,
    code: "not_authenticated",
  },
  "a token of 8 kB": {
    sent: get("/whoami", `Authorization: Bearer ${"a".repeat(8000)}\r\n`),
    status: 401,
  },
  "another scheme": { sent: get("/whoami", "Authorization: Basic YTpi\r\n"), status: 401 },
  "two credentials": {
    sent: get("/whoami", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"),
    status: 400,
  },
};

async function routes(server: HttpServer): Promise<void> {
  const { idempotencyKeyOf } = await import("./idempotency.ts");
  const { principalOf } = await import("./authentication.ts");
  const { idSchema } = await import("./schemas.ts");
  const config = { requires: [] as const };
  const Thing = Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 200 }),
      count: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    },
    { additionalProperties: false },
  );
  server.post("/things", { config, schema: { body: Thing } }, (request) => request.body);
  const params = Type.Object({ id: idSchema("evt") });
  server.get("/things/:id", { config, schema: { params } }, (request) => request.params);
  const querystring = Type.Object({ limit: Type.Optional(Type.Integer()) });
  server.get("/list", { config, schema: { querystring } }, (request) => request.query);
  server.post("/keyed", { config }, (request) => ({ key: idempotencyKeyOf(request) }));
  server.get("/whoami", { config }, (request) => principalOf(request));
}

for (const [name, { sent, status, code }] of Object.entries(ROWS)) {
  test(`${name} is answered ${status ?? "by closing the connection"}`, async (t) => {
    const { server, lines } = await aServer(t, { routes });
    const text = await sendRaw(await listen(server), sent);
    if (status === null) {
      assert.equal(text, "");
      return;
    }
    const answer = readAnswer(text);
    assert.equal(answer.status, status, text);
    assert.ok(answer.headers.has("x-request-id"));
    assert.deepEqual(
      lines.filter(({ level }) => level === "error"),
      [],
    );
    if (status < 400) return;
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    const problem = JSON.parse(answer.body);
    assert.equal(problem.status, status);
    assert.equal(problem.instance, answer.headers.get("x-request-id"));
    if (code !== undefined) assert.equal(problem.code, code);
  });
}
