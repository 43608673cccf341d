import { parentPort } from "node:worker_threads";
import { PKPass } from "passkit-generator";
import type { AppleWallet } from "./apple-pass.ts";
import { ICON_WIDTHS, LOGO_WIDTHS, walletIcon } from "./wallet-icon.ts";
import { LABELS } from "./wallet-words.ts";

// A thread: seals passes for Apple Wallet, one after another. A signature by this library takes it 30 ms, in
// which nobody else would be served.

/** What it is asked for. */
export interface PassToSeal {
  readonly id: number;
  readonly content: object;
  readonly wallet: AppleWallet;
}

/** What it answers. */
export type SealedPass =
  | { readonly id: number; readonly pass: Uint8Array }
  | { readonly id: number; readonly error: string };

const IMAGES = Object.fromEntries(
  Object.entries({ ...ICON_WIDTHS, ...LOGO_WIDTHS }).map(([name, width]) => [
    name,
    walletIcon(width),
  ]),
);

parentPort?.on("message", ({ id, content, wallet }: PassToSeal) => {
  let answer: SealedPass;
  try {
    answer = { id, pass: seal(content, wallet) };
  } catch (error) {
    answer = { id, error: (error as Error).message };
  }
  parentPort?.postMessage(answer);
});

function seal(content: object, { certificate, key, wwdr }: AppleWallet): Buffer {
  const pass = new PKPass(
    { ...IMAGES, "pass.json": Buffer.from(JSON.stringify(content)) },
    { signerCert: certificate, signerKey: key, wwdr },
  );
  for (const [language, labels] of Object.entries(LABELS)) pass.localize(language, labels);
  return pass.getAsBuffer();
}
