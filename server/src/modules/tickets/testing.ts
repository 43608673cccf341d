import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { decodeQR } from "qr/decode.js";
import { pixelsOfPng } from "#platform/testing-png.ts";

export { testCodes } from "./testing-codes.ts";

// Reads what attendees carry as others do: by programs where the machine has them, and always by what is here, which shares
// nothing with what draws.

type Modules = readonly (readonly boolean[])[];

/** The text of a QR code, of its modules with or without white around. */
export function decodeModules(modules: Modules): string {
  const scale = 4;
  const border = 4;
  const size = (modules.length + 2 * border) * scale;
  const data = new Uint8Array(size * size * 3).fill(255);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [row, column] = [Math.floor(y / scale) - border, Math.floor(x / scale) - border];
      if (modules[row]?.[column]) data.fill(0, (y * size + x) * 3, (y * size + x + 1) * 3);
    }
  }
  return decodeQR({ width: size, height: size, data });
}

/** The modules of a PNG of ours: one bit a pixel. */
export function modulesOfPng(png: Buffer): Modules {
  const { width, pixels } = pixelsOfPng(png);
  const isBlack = (x: number, y: number) => pixels[(y * width + x) * 3] === 0;
  return grid(width / 16, (x, y) => isBlack(x * 16 + 8, y * 16 + 8));
}

/** The modules of an SVG of ours: squares and lines of them, moved to by relative steps. */
export function modulesOfSvg(svg: string): Modules {
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const black = new Set<string>();
  let [x, y] = [0, 0];
  for (const [, command = "", numbers = ""] of svg.matchAll(/([MmhHvVlZz])([\d\s.,-]*)/g)) {
    const [a = 0, b = 0] = numbers
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number);
    if (command === "M") [x, y] = [a, b];
    if (command === "m") [x, y] = [x + a, y + b];
    if (command === "h" && a > 0)
      for (let step = 0; step < a; step++) black.add(`${x + step} ${y}`);
  }
  return grid(size, (column, row) => black.has(`${column} ${row}`));
}

export interface ReadPdf {
  readonly pages: readonly { readonly lines: readonly string[]; readonly code: string }[];
  /** All of the file that is not compressed. */
  readonly source: string;
}

/** A PDF of ours: what it says, by its maps to Unicode, and what the squares on its pages mean. */
export function readPdf(bytes: Buffer): ReadPdf {
  const source = bytes.toString("latin1");
  const objects = new Map(
    Array.from(source.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g), ([, id, body]) => [
      Number(id),
      body ?? "",
    ]),
  );
  const streamOf = (id: number) => {
    const body = objects.get(id) ?? "";
    // By its length: what is compressed may end like a line.
    const start = body.indexOf("stream\n") + "stream\n".length;
    const length = Number(/\/Length (\d+)/.exec(body)?.[1]);
    return inflateSync(Buffer.from(body.slice(start, start + length), "latin1")).toString("latin1");
  };
  const letters = new Map<string, ReadonlyMap<string, string>>();
  for (const [, font = "", id] of source.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(Number(id)) ?? "")?.[1];
    if (map !== undefined) letters.set(font, lettersOf(streamOf(Number(map))));
  }
  const pages = [...objects.values()].filter((body) => /\/Type \/Page\n/.test(body));
  return {
    source,
    pages: pages.map((body) => {
      const content = streamOf(Number(/\/Contents (\d+) 0 R/.exec(body)?.[1]));
      return { lines: linesOf(content, letters), code: decodeModules(modulesOfPage(content)) };
    }),
  };
}

/** What glyphs stand for, of `beginbfrange <0000> <0003> [<0041> …]`. */
function lettersOf(map: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, first = "", list = ""] of map.matchAll(/<(\w{4})> <\w{4}> \[([^\]]*)\]/g)) {
    for (const [index, [, hex = ""]] of [...list.matchAll(/<([\w ]*)>/g)].entries()) {
      const glyph = (Number.parseInt(first, 16) + index).toString(16).padStart(4, "0");
      found.set(glyph, Buffer.from(hex.replaceAll(" ", ""), "hex").swap16().toString("utf16le"));
    }
  }
  return found;
}

function linesOf(
  content: string,
  letters: ReadonlyMap<string, ReadonlyMap<string, string>>,
): readonly string[] {
  const lines: string[] = [];
  for (const block of content.matchAll(/BT\n([\s\S]*?)ET/g)) {
    const [, font = ""] = /\/(F\d+) [\d.]+ Tf/.exec(block[1] ?? "") ?? [];
    const glyphs = Array.from((block[1] ?? "").matchAll(/<([\da-f]+)>/g), ([, hex = ""]) => hex);
    const text = glyphs.flatMap((hex) => hex.match(/.{4}/g) ?? []);
    lines.push(
      text
        .map((glyph) => letters.get(font)?.get(glyph) ?? "")
        .join("")
        .trimEnd(),
    );
  }
  return lines;
}

/** Of rectangles, each a row of modules: `x y width height re`. */
function modulesOfPage(content: string): Modules {
  const rectangles = Array.from(
    content.matchAll(/(?:^|\n)([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re/g),
    ([, ...numbers]) => numbers.map(Number),
  );
  const size = rectangles[0]?.[3] ?? 1;
  const left = Math.min(...rectangles.map(([x = 0]) => x));
  const top = Math.min(...rectangles.map(([, y = 0]) => y));
  const black = new Set<string>();
  for (const [x = 0, y = 0, width = 0] of rectangles) {
    const [column, row] = [Math.round((x - left) / size), Math.round((y - top) / size)];
    for (let step = 0; step < Math.round(width / size); step++)
      black.add(`${column + step} ${row}`);
  }
  return grid(Math.round(187 / size), (x, y) => black.has(`${x} ${y}`));
}

function grid(size: number, isBlack: (x: number, y: number) => boolean): Modules {
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => isBlack(x, y)),
  );
}

/** What a program makes of a file; null where the machine does not have it. */
export function byProgram(
  file: { readonly name: string; readonly bytes: Buffer },
  commands: readonly (readonly [program: string, ...words: string[]])[],
): { readonly printed: string; readonly files: readonly string[] } | null {
  const directory = mkdtempSync(join(tmpdir(), "tessera-carried-"));
  try {
    writeFileSync(join(directory, file.name), file.bytes);
    let printed = "";
    for (const [program, ...words] of commands) {
      const options = { cwd: directory, stdio: ["ignore", "pipe", "ignore"] as const };
      printed = execFileSync(program, words, { ...options, stdio: [...options.stdio] }).toString();
    }
    return { printed, files: readdirSync(directory) };
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return null;
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
