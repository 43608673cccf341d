import { bootstrapAndRun } from "./bootstrap.mjs";

// npm test: the whole suite on both databases, straight after a clone. See run-tests.ts.
await bootstrapAndRun(["scripts/run-tests.ts", ...process.argv.slice(2)], { web: true });
