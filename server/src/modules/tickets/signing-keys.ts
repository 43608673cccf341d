import { assert } from "#platform/assert.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import { type Database, inTransaction, type Transaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import { createSealing, type Sealing } from "#platform/tokens/sealing.ts";
import {
  GOOD_KEYS_MAX,
  type KeyOwner,
  NUMBERS,
  newKeyPair,
  openPrivateKey,
  type Signer,
} from "./signing-key.ts";
import {
  countKeys,
  findActiveKey,
  insertKey,
  lockKeysOf,
  retireActiveKey,
} from "./signing-key-store.ts";

/** The keys that codes are signed with. */
export interface SigningKeys {
  /** The one that signs now. Made when it is first needed: once, however many ask in however many processes. */
  signerOf(owner: KeyOwner): Promise<Signer>;
  /** To be called when another one signs: from now on it does here, and soon everywhere. */
  changed(owner: KeyOwner): Promise<void>;
  readonly sealing: Sealing;
}

export const KEYS_CHANNEL = "ticket-keys";
const KEPT_MAX = 10_000;
/** So long a process may go on signing with a key whose replacement it has not heard of. */
export const SIGNER_AGE_MS_MAX = 10_000;

export async function createSigningKeys({
  database,
  clock,
  bus,
  secretKeys,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly secretKeys: readonly Buffer[];
}): Promise<SigningKeys> {
  const sealing = createSealing(secretKeys, "ticket keys");
  const cache = createSingleFlightCache<string, Kept>({
    load: async (name, known) => {
      const owner = ownerNamed(name);
      const active = await findActiveKey(database.kysely, owner);
      if (known !== null && active?.publicKey.equals(known.publicKey) === true) return known;
      const privateKey = active === null ? null : openPrivateKey(sealing, active);
      if (active !== null && privateKey !== null) return { ...active, privateKey };
      return inTransaction(database, (transaction) =>
        ensureSigner({ clock, sealing }, transaction, owner),
      );
    },
    weightOf: () => 1,
    weightMax: KEPT_MAX,
    ageMsMax: SIGNER_AGE_MS_MAX,
    now: () => clock.now(),
  });
  await bus.subscribe(
    KEYS_CHANNEL,
    (name) => cache.forget(name),
    () => cache.forgetAll(),
  );
  return {
    signerOf: (owner) => cache.get(nameOf(owner)) as Promise<Kept>,
    changed: async (owner) => {
      cache.forget(nameOf(owner));
      await bus.publish(KEYS_CHANNEL, nameOf(owner));
    },
    sealing,
  };
}

interface Kept extends Signer {
  readonly publicKey: Buffer;
}

/** The active key, or a new one where there is none, or none whose private part can be opened any more. */
async function ensureSigner(
  context: { readonly clock: Clock; readonly sealing: Sealing },
  transaction: Transaction,
  owner: KeyOwner,
): Promise<Kept> {
  await lockKeysOf(transaction, owner);
  const active = await findActiveKey(transaction, owner);
  const privateKey = active === null ? null : openPrivateKey(context.sealing, active);
  if (active !== null && privateKey !== null) return { ...active, privateKey };
  const { last, good } = await countKeys(transaction, owner);
  // Processes that cannot open each other's keys would make one after the other.
  assert(
    good < GOOD_KEYS_MAX,
    "all processes have the same SECRET_KEY, or each other's among theirs",
  );
  return replaceActiveKey(context, transaction, owner, last);
}

/** Makes the key that signs from now on; `last` is the highest number that was given. Under the owner's lock. */
export async function replaceActiveKey(
  { clock, sealing }: { readonly clock: Clock; readonly sealing: Sealing },
  transaction: Transaction,
  owner: KeyOwner,
  last: number | null,
): Promise<Kept> {
  await retireActiveKey(transaction, clock, owner);
  const number = last === null ? NUMBERS[owner.kind].first : last + 1;
  const { publicKey, sealed, privateKey } = newKeyPair(sealing);
  await insertKey(transaction, clock, { owner, number, publicKey, sealed });
  return { number, publicKey, privateKey };
}

function nameOf({ kind, id }: KeyOwner): string {
  return `${kind} ${id}`;
}

function ownerNamed(name: string): KeyOwner {
  const [kind, id] = name.split(" ");
  return kind === "organizer"
    ? { kind, id: id as Id<"org"> }
    : { kind: "event", id: id as Id<"evt"> };
}
