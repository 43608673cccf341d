import assert from "node:assert/strict";
import { test } from "node:test";
import { disposition } from "./file-response.ts";

const nameOf = (about: string) =>
  /filename="(.*)"$/.exec(disposition("attachment", { about, name: "ticket.pdf" }))?.[1];

test("a file is named after what it is about, in letters that every header and disk takes", () => {
  assert.equal(nameOf("Noc v muzeu!"), "noc-v-muzeu-ticket.pdf");
  assert.equal(nameOf('"; filename="../evil\r\nX: y'), "filename-evil-x-y-ticket.pdf");
  assert.equal(nameOf("山田"), "ticket.pdf");
  assert.equal(nameOf("a".repeat(500)), `${"a".repeat(60)}-ticket.pdf`);
});
