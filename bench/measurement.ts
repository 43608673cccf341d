import type { RunningServer } from "./running-server.ts";
import type { Stage } from "./stage.ts";

/** Where the server keeps its data while it is measured. */
export const DATABASES = ["postgres", "embedded"] as const;
export type DatabaseKind = (typeof DATABASES)[number];

/** One line of the contract: what is loaded, and what it is compared with. */
export interface Measurement {
  /** What `npm run bench -- NAME` calls it. */
  readonly name: string;
  /** Its letter in the table of the contract. */
  readonly letter: string;
  readonly databases: readonly DatabaseKind[];
  /** Brings servers and data into place on a stage of its own, which is cleared after the last round. */
  prepare(stage: Stage): Promise<readonly Comparison[]>;
}

/** What is loaded in turns: echo, then the reference where there is one, then ours, round after round. */
export interface Comparison {
  readonly title: string;
  readonly ours: Side;
  readonly echo: Side;
  /** What the bar compares with. Null: echo. */
  readonly reference: { readonly name: string; readonly side: Side } | null;
  /** The least ratio of ours to the reference. Null: nobody has set one. */
  readonly bar: number | null;
  /** The most memory our server may take, in MB of 1024 × 1024 bytes. */
  readonly memoryMbMax: number | null;
}

/** Servers under one load; several share its connections evenly. */
export interface Side {
  readonly servers: readonly RunningServer[];
  readonly load: Load;
  /** How many clients there are that never pause; left out, as many as the bars count with. */
  readonly connections?: number;
}

export interface Load {
  /** The only status that counts as an answer. */
  readonly status: number;
  /** What is sent in round `round`, over and over in turn. Round 0 is the warm-up. */
  requests(round: number): readonly LoadRequest[];
}

export interface LoadRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Each one sent gets an Idempotency-Key that was never used before. */
  readonly hasOwnKey?: boolean;
}
