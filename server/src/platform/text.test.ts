import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedLanguages, canonicalLanguage, foldText, lookupLanguage, textFor } from "./text.ts";

for (const [header, languages] of [
  [undefined, []],
  ["", []],
  ["cs", ["cs"]],
  ["cs-CZ, en;q=0.8, de;q=0.9", ["cs-CZ", "de", "en"]],
  ["en;q=0.5,*;q=0.1,cs", ["cs", "en", "*"]],
  ["en;q=0, cs", ["cs"]],
  ["en ; q = 0.3 , cs;q=0.4", ["cs", "en"]],
  ["nonsense!, cs;q=2, de;x=1", []],
  ["en;q=1.000, cs;q=0.999", ["en", "cs"]],
  [`${"en,".repeat(10)}cs`, [...Array(10).fill("en"), "cs"]],
  ["x".repeat(2000), []],
] as const) {
  test(`Accept-Language '${header?.slice(0, 40)}' asks for ${languages.slice(0, 3).join(", ") || "nothing"}`, () => {
    assert.deepEqual(acceptedLanguages(header), languages);
  });
}

for (const [accepted, available, found] of [
  [["de"], ["en", "de"], "de"],
  [["de-AT"], ["en", "de"], "de"],
  [["de-AT"], ["de", "de-AT"], "de-AT"],
  [["DE-at"], ["de-AT"], "de-AT"],
  [["pt"], ["en", "pt-BR"], "pt-BR"],
  [["pt-PT"], ["en", "pt-BR"], "pt-BR"],
  [["zh-Hant-CN-x-private1"], ["zh-Hant"], "zh-Hant"],
  [["fr", "cs"], ["en", "cs"], "cs"],
  [["*", "cs"], ["en", "cs"], null],
  [["fr"], ["en", "cs"], null],
  [[], ["en"], null],
  [["e"], ["en"], null],
] as const) {
  test(`of ${available.join(", ")} a reader of '${accepted.join(", ")}' gets ${found ?? "the default"}`, () => {
    assert.equal(lookupLanguage(accepted, available), found);
  });
}

test("a text that has none of the reader's languages is told in the default one", () => {
  const texts = { en: "Night", cs: "Noc" };
  assert.equal(textFor(["cs-CZ"], texts, "en"), "Noc");
  assert.equal(textFor(["fr"], texts, "en"), "Night");
  assert.equal(textFor(["fr"], texts, "de"), "Night", "without it, in any");
});

test("languages are kept in their canonical spelling", () => {
  assert.equal(canonicalLanguage("DE-at"), "de-AT");
  assert.equal(canonicalLanguage("zh-hant-tw"), "zh-Hant-TW");
  assert.equal(canonicalLanguage("english language"), null);
  assert.equal(canonicalLanguage(""), null);
});

test("searching does not mind accents and capitals", () => {
  assert.equal(foldText("Žižkov"), foldText("ZIZKOV"));
  assert.notEqual(foldText("Noc"), foldText("Moc"));
});
