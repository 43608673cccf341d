/**
 * Who may use whom, from the ground up: a module stands below those that use it, so there can be no cycle.
 * It is entered by `#modules/<name>/index.ts` and, from tests, `#modules/<name>/testing.ts`.
 * server/test/tidy.test.ts holds the code to it.
 */
export const MODULES: Readonly<Record<string, readonly string[]>> = {
  accounts: [],
  organizers: ["accounts"],
  catalog: ["organizers"],
  reservations: ["organizers", "catalog"],
  tickets: ["organizers", "catalog", "reservations"],
  admission: ["organizers", "catalog", "reservations", "tickets"],
  payments: ["organizers", "catalog", "reservations"],
};

/** The files that may know every module: where the parts are put together, and what proves all of the data. */
export const COMPOSITION_ROOTS: readonly string[] = [
  "server/src/app.ts",
  "server/src/commands/import.ts",
];
