import { bootstrapAndRun } from "./bootstrap.mjs";

// npm start: everything in one process, straight after a clone. What stands behind `--` goes to the server.
await bootstrapAndRun(["server/src/main.ts", "serve", ...process.argv.slice(2)], { web: true });
