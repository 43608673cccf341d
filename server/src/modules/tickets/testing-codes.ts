import { createLocalBus } from "#platform/bus/local.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { signEd25519 } from "#platform/sign-ed25519.ts";
import { type CodeCheck, createCodeCheck } from "./check-code.ts";
import { createKnownKeys } from "./known-keys.ts";
import type { KeyOwner } from "./signing-key.ts";
import { createSigningKeys } from "./signing-keys.ts";
import { type CodedTicket, codeOf, contentOf } from "./ticket-code.ts";

/** A process that makes codes and checks them, and hears nothing of others. */
export interface TestCodes {
  readonly check: CodeCheck;
  /** The code of a ticket of an anonymous event. */
  codeOf(ticket: Omit<CodedTicket, "keyNumber">): Promise<string>;
}

export async function testCodes(database: Database, clock: Clock): Promise<TestCodes> {
  const common = { database, clock, bus: createLocalBus() };
  const signing = await createSigningKeys({ ...common, secretKeys: [Buffer.alloc(32, "test")] });
  const check = createCodeCheck(signing, await createKnownKeys(common));
  return {
    check,
    codeOf: async (ticket) => {
      const owner: KeyOwner = { kind: "event", id: ticket.eventId };
      const { number, privateKey } = await signing.signerOf(owner);
      const content = contentOf({ ...ticket, keyNumber: number });
      return codeOf(content, signEd25519(content, privateKey));
    },
  };
}
