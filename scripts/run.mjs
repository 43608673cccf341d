import { bootstrapAndRun } from "./bootstrap.mjs";

// node scripts/run.mjs FILE …: any program of the repository on the pinned Node.js, straight after a clone.
await bootstrapAndRun(process.argv.slice(2), { web: false });
