import type { Rule } from "./repository.ts";

const PAGE = /^docs\/problems\/(?!README\.md$)(.+)\.md$/;

const pages: Rule = {
  name: "every problem has its page, and every page its problem",
  check: ({ files, problems }) => {
    const wanted = problems.map(({ code }) => pageOf(code));
    return [
      ...wanted
        .filter((page) => !files.has(page))
        .map((page) => `${page}: write it: what happened, what to do`),
      ...[...files.keys()]
        .filter((file) => PAGE.test(file) && !wanted.includes(file))
        .map((file) => `${file}: no such problem is declared; codes are never renamed`),
    ];
  },
};

const contents: Rule = {
  name: "a problem's page has its title, and says what happened and what to do",
  check: ({ files, problems }) =>
    problems.flatMap(({ code, title }) => {
      const text = files.get(pageOf(code));
      if (text === undefined) return [];
      return [`# ${title}\n`, "\n## What happened\n", "\n## What to do\n"]
        .filter((part) => !text.includes(part))
        .map((part) => `${pageOf(code)}: has no '${part.trim()}'`);
    }),
};

const codes: Rule = {
  name: "a problem's code is snake_case and its status is one of a refusal or a fault",
  check: ({ problems }) =>
    problems.flatMap(({ code, status }) => [
      ...(/^[a-z]+(?:_[a-z]+)*$/.test(code) ? [] : [`${code}: is to be snake_case`]),
      ...(status >= 400 && status <= 503
        ? []
        : [`${code}: ${status} is not the status of a problem`]),
    ]),
};

const inline: Rule = {
  name: "a kind of problem is declared once, at the top of a file, never where it is thrown",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      file.startsWith("server/src/") && /new Problem\(\s*(?:problemType\(|\{)/.test(text)
        ? [`${file}: declare the kind beside the operation with problemType()`]
        : [],
    ),
};

function pageOf(code: string): string {
  return `docs/problems/${code.replaceAll("_", "-")}.md`;
}

export const PROBLEM_RULES: readonly Rule[] = [pages, contents, codes, inline];
