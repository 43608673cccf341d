import { tokenIn } from "../../components/link-token.ts";

/** What makes this device a gate. It stays on the device until somebody says that it is to be none. */
export interface GatePass {
  readonly token: string;
  /** What the pass opens, as far as it is known: null before the server was asked for the first time. */
  readonly opens: OpenedGate | null;
}

export interface OpenedGate {
  readonly eventId: string;
  readonly eventName: string;
  readonly language: string;
  readonly gate: string;
  readonly expiresAt: string;
}

type Place = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const KEY = "tessera.door-pass";

/**
 * The pass that this device has: the one in the address if there is one, which takes the place of any other, else the one
 * that it had. Null: it is no gate.
 */
export function takePass(hash: string, place: Place): GatePass | null {
  const kept = readPass(place);
  const token = tokenIn(hash);
  if (token === null || token === kept?.token) return kept;
  const pass = { token, opens: null };
  keepPass(pass, place);
  return pass;
}

export function keepPass(pass: GatePass, place: Place): void {
  place.setItem(KEY, JSON.stringify(pass));
}

export function forgetPass(place: Place): void {
  place.removeItem(KEY);
}

function readPass(place: Place): GatePass | null {
  const text = place.getItem(KEY);
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Partial<GatePass> | null;
    return typeof kept?.token === "string"
      ? { token: kept.token, opens: kept.opens ?? null }
      : null;
  } catch {
    return null;
  }
}
