import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createMailFiles, createSmtpTransport, type Mail } from "./mail-transport.ts";

const MAIL: Mail = {
  to: "ada@example.org",
  subject: "Ověřte svou adresu",
  text: "Ahoj\n",
  html: "<p>Ahoj</p>",
};

test("a mail is written to a file that only this user reads", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tessera-mail-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const folder = join(directory, "mail");
  await createMailFiles(folder, "Tickets <tickets@example.org>").send("id-1", MAIL);
  const file = join(folder, "id-1.eml");
  const text = readFileSync(file, "utf8");
  assert.match(text, /^To: ada@example\.org\r?$/m);
  assert.match(text, /^Message-ID: <id-1@example\.org>\r?$/m);
  assert.match(text, /multipart\/alternative/);
  assert.equal(statSync(file).mode & 0o077, 0);
});

test("a mail reaches a mail server by SMTP, with the address it comes from", async (t) => {
  const { url, received } = await aMailServer(t);
  await createSmtpTransport(url, "tickets@example.org").send("id-2", MAIL);
  const text = received.join("");
  assert.match(text, /MAIL FROM:<tickets@example\.org>/);
  assert.match(text, /RCPT TO:<ada@example\.org>/);
  assert.match(text, /Message-ID: <id-2@example\.org>/);
});

test("a mail server that is away rejects the mail", async (t) => {
  const { url, close } = await aMailServer(t);
  await close();
  await assert.rejects(createSmtpTransport(url, "a@example.org").send("id-3", MAIL), {
    code: "ESOCKET",
  });
});

/** As much of SMTP as takes a mail. */
async function aMailServer(t: TestContext) {
  const received: string[] = [];
  const server = createServer((socket) => {
    let isData = false;
    socket.write("220 test\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const text = chunk.toString();
      received.push(text);
      if (isData && !text.endsWith("\r\n.\r\n")) return;
      const wasData = isData;
      isData = !isData && /^DATA/m.test(text);
      if (isData) socket.write("354 go on\r\n");
      else if (!wasData && text.startsWith("QUIT")) socket.end("221 bye\r\n");
      else socket.write("250 ok\r\n");
    });
  });
  const close = () => new Promise<unknown>((resolve) => server.close(resolve));
  t.after(close);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, received, close };
}
