import {
  isForTests,
  isScript,
  isTidy,
  occurrences,
  type Repository,
  type Rule,
} from "./repository.ts";

const waits: Rule = {
  name: "no test sleeps: it waits for a signal, or moves the clock",
  check: (repository) =>
    inTests(
      repository,
      /\bsetTimeout\(|\bsetInterval\(|node:timers|\bpg_sleep\b|\bAtomics\.wait\b|\bsleep\(/,
      "wait for a signal of the code, or move the test clock",
    ),
};

const mocks: Rule = {
  // The disk and the process are not ours: that they fail can be seen in no other way.
  name: "no test replaces our own code",
  check: (repository) =>
    inTests(
      repository,
      /\bmock\.(?:module\(|method\((?!fs,|process,))/,
      "give it another part through its factory",
    ),
};

const all: Rule = {
  name: "no test keeps others from running, and a skipped one says why",
  check: (repository) =>
    inTests(
      repository,
      /\b(?:test|it|describe|suite)\.(?:only|skip|todo)\(|\bonly: true\b|\bskip: true\b|\.skip\(\)/,
      "remove it, or skip with a reason",
    ),
};

const sentences: Rule = {
  name: "a test is named by what it guarantees",
  check: (repository) =>
    inTests(
      repository,
      /\b(?:test|it)\(\s*["'`](?:[^"'`]*\bshould\b|(?:it )?works?\b|tests?\b)/i,
      "say the guarantee as a sentence, without 'should'",
    ),
};

const controls: Rule = {
  name: "a race test begins with its negative control",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) => {
      if (!/^server\/test\/races\/.+\.test\.ts$/.test(file)) return [];
      const control = text.indexOf("negative control: ");
      const other = text.search(/\btest\(\s*["'`](?!negative control: )/);
      return control >= 0 && (other < 0 || control < other)
        ? []
        : [
            `${file}: begin with 'negative control: …', the race without its lock, which must be seen`,
          ];
    }),
};

function inTests({ files }: Repository, pattern: RegExp, instead: string): string[] {
  return [...files]
    .filter(([file]) => isScript(file) && !isTidy(file))
    .filter(([file]) => isForTests(file) || /^(?:sdk|web|scripts)\/.*\.test\.tsx?$/.test(file))
    .flatMap(([file, text]) =>
      occurrences(file, text, pattern).map((place) => `${place}: ${instead}`),
    );
}

export const TEST_RULES: readonly Rule[] = [waits, mocks, all, sentences, controls];
