import type { GateStorage } from "@tessera/sdk";

const ENTRIES = "entries";

/** A table of IndexedDB, one for each gate, so that no gate finds another's scans. */
export function createGateStorage(eventId: string, gate: string): GateStorage {
  const name = databaseName(eventId, gate);
  let opened: Promise<IDBDatabase> | undefined;
  const database = () => {
    opened ??= open(name);
    return opened;
  };
  return {
    load: async () => {
      const entries = (await database()).transaction(ENTRIES).objectStore(ENTRIES);
      const [keys, values] = await Promise.all([
        answerOf(entries.getAllKeys()),
        answerOf(entries.getAll()),
      ]);
      return new Map(keys.map((key, index) => [String(key), values[index] as unknown]));
    },
    save: async (changes) => {
      const transaction = (await database()).transaction(ENTRIES, "readwrite");
      const entries = transaction.objectStore(ENTRIES);
      for (const [key, value] of changes) {
        if (value === undefined) entries.delete(key);
        else entries.put(value, key);
      }
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
    },
  };
}

/** Forgets what a gate knew. */
export async function deleteGateStorage(eventId: string, gate: string): Promise<void> {
  indexedDB.deleteDatabase(databaseName(eventId, gate));
}

function databaseName(eventId: string, gate: string): string {
  return `tessera-gate/${eventId}/${gate}`;
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(ENTRIES);
  return answerOf(request).then((database) => {
    // Another tab that forgets this gate is not kept waiting.
    database.onversionchange = () => database.close();
    return database;
  });
}

function answerOf<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
