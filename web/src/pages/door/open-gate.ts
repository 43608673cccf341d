import {
  createOfflineGate,
  createTessera,
  type OfflineGate,
  type Tessera,
  TesseraProblem,
  TesseraUnreachable,
} from "@tessera/sdk";
import { type GatePass, keepPass, type OpenedGate } from "./gate-pass.ts";
import { createGateStorage, deleteGateStorage } from "./gate-storage.ts";

/** A gate that is ready to decide. */
export interface OpenGate {
  readonly gate: OfflineGate;
  readonly door: Tessera["door"];
  readonly opens: OpenedGate;
}

/** Somebody waits at the door: what does not answer by then is tried again by the next sync. */
const TIMEOUT_MS = 10_000;

/**
 * Makes a gate of what this device has: without a network by what it knew when it last had one.
 *
 * @throws `TesseraProblem` when the pass opens nothing.
 * @throws `TesseraUnreachable` when it was never asked what it opens, and cannot be now.
 * @throws what the browser throws when it keeps nothing for this page.
 */
export async function openGate(pass: GatePass): Promise<OpenGate> {
  const { token } = pass;
  const tessera = createTessera({ baseUrl: "", token, retries: 1, timeoutMs: TIMEOUT_MS });
  const { door } = tessera;
  const opens = pass.opens ?? (await readOpened(tessera));
  keepPass({ token, opens }, localStorage);
  const { eventId, gate: name } = opens;
  const storage = createGateStorage(eventId, name);
  // Without it the browser may throw away what has not been reported yet, when it lacks room.
  void navigator.storage?.persist?.().catch(() => false);
  const gate = await createOfflineGate({
    ...{ eventId, gate: name, server: door, storage, newId },
    clock: { now: () => Date.now() },
  });
  return { gate, door, opens };
}

/** Forgets a gate, but for what it has not reported: that waits for a pass for the same gate. */
export async function leaveGate({ gate, opens }: OpenGate): Promise<void> {
  if (gate.state().waiting === 0) await deleteGateStorage(opens.eventId, opens.gate);
}

/** Whether the server will have nothing to do with this pass, now and later. */
export function isClosed(error: unknown): boolean {
  return error instanceof TesseraProblem && [401, 403, 404, 410].includes(error.status);
}

/** Whether a later try may do better. What is neither of the two is this browser's: it keeps nothing for the page. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TesseraUnreachable || error instanceof TesseraProblem;
}

async function readOpened({ door, events }: Tessera): Promise<OpenedGate> {
  const { event_id: eventId, gate, expires_at: expiresAt } = await door.pass();
  const { name, language } = await events.read(eventId);
  return { eventId, eventName: name, language, gate, expiresAt };
}

/** A random UUID. Browsers keep `randomUUID` from pages that came over plain HTTP. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
