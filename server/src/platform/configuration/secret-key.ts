import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { ConfigError, secretKeys, Unreadable } from "./readers.ts";

const KEY_BYTES = 32;

/** A key that dies with the process. */
export function temporarySecretKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/**
 * The key in this file, made the first time: readable by its owner alone, on the disk before it is
 * used, and one key even if two processes start at once.
 *
 * @throws ConfigError when the file is there but holds no key.
 */
export function keepSecretKey(path: string): Buffer {
  const written = read(path);
  if (written !== null) return written;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeDurably(draft, `${temporarySecretKey().toString("hex")}\n`);
  try {
    linkSync(draft, path);
  } catch (error) {
    // Another process was faster: its key counts.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  const key = read(path);
  if (key === null) throw new ConfigError([`The secret key in ${path} was removed just now.`]);
  return key;
}

function read(path: string): Buffer | null {
  try {
    const [key] = secretKeys(readFileSync(path, "utf8").trim());
    return key ?? null;
  } catch (error) {
    if (error instanceof Unreadable) {
      throw new ConfigError([
        `${path} holds no key. Put the old one back from a backup: tokens signed with another stop working.`,
      ]);
    }
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function writeDurably(path: string, content: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
