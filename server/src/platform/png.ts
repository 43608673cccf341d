import { crc32, deflateSync } from "node:zlib";

/** What a pixel is: one bit, black or white; or a byte each of red, green and blue. */
const KINDS = { blackAndWhite: { depth: 1, type: 0 }, rgb: { depth: 8, type: 2 } } as const;

/**
 * A square picture as PNG.
 *
 * @param lines one after another, each begins with the number of its filter (0: none)
 */
export function png(kind: keyof typeof KINDS, width: number, lines: Buffer): Buffer {
  const { depth, type } = KINDS[kind];
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(width, 4);
  head[8] = depth;
  head[9] = type; // the rest, zero, says deflate, no interlacing
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
