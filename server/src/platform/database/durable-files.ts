import fs from "node:fs";
import { NodeFS } from "@electric-sql/pglite/nodefs";

/**
 * The files of an embedded database, flushed when PostgreSQL asks for it: libc's fsync() reaches
 * NODEFS, which has no such call; this gives it one, for files and for folders.
 *
 * `onFailure` is called when a flush fails. It must not return: what is on the disk is not known
 * any more, so nothing may be acknowledged.
 */
export class DurableFiles extends NodeFS {
  readonly #onFailure: (error: unknown) => never;

  constructor(directory: string, onFailure: (error: unknown) => never) {
    super(directory);
    this.#onFailure = onFailure;
  }

  override async init(...parameters: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    const made = await super.init(...parameters);
    const options = made.emscriptenOpts as { preRun?: ((module: EmscriptenModule) => void)[] };
    const addFlush = ({ NODEFS }: EmscriptenModule) => {
      NODEFS.stream_ops.fsync = ({ nfd }) => {
        if (nfd !== undefined) this.#flush(nfd);
        return 0;
      };
    };
    options.preRun = [...(options.preRun ?? []), addFlush];
    return made;
  }

  #flush(descriptor: number): void {
    try {
      fs.fsyncSync(descriptor);
    } catch (error) {
      // Some systems cannot flush a folder; PostgreSQL itself lets that pass, and nothing else.
      if (!fs.fstatSync(descriptor).isDirectory()) this.#onFailure(error);
    }
  }
}

/** What we touch of the module that Emscripten makes. */
interface EmscriptenModule {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: { nfd?: number }) => number };
  };
}
