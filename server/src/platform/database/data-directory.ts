import fs from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The PostgreSQL that this PGlite is; files of another major do not open. */
const MAJOR = "18";

/** A directory that this process owns until it closes it or ends, however it ends. */
export interface DataDirectory {
  /** Where PostgreSQL's own files are. */
  readonly files: string;
  close(): void;
}

/**
 * Takes the directory of an embedded database, making it when there is none.
 * @throws with a sentence that says what is in the way and what to do
 */
export function takeDataDirectory(directory: string): DataDirectory {
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    fs.accessSync(directory, fs.constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${directory} cannot hold a database (${code}). Set DATA_DIR to a directory that this process may write to.`,
      { cause },
    );
  }
  const lock = lockDirectory(directory);
  try {
    const files = join(directory, "postgres");
    refuseOtherMajor(files);
    return { files, close: () => lock.close() };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** PGlite takes no lock: two processes would lose each other's writes without a word. A killed process frees this one. */
function lockDirectory(directory: string): DatabaseSync {
  const lock = new DatabaseSync(join(directory, "lock"));
  try {
    lock.exec("pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive");
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error(
      `The directory ${directory} is in use by another process. One process owns an embedded database: stop the other one, or set DATA_DIR to another directory, or use PostgreSQL (DATABASE_URL).`,
      { cause },
    );
  }
}

function refuseOtherMajor(files: string): void {
  const path = join(files, "PG_VERSION");
  if (!fs.existsSync(path)) return;
  const found = fs.readFileSync(path, "utf8").trim();
  if (found !== MAJOR) {
    throw new Error(
      `The embedded database in ${files} is of PostgreSQL ${found}, this version has ${MAJOR}. Run "export" with the version that made it, then "import" into an empty directory with this one.`,
    );
  }
}
