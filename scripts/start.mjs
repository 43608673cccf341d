import { bootstrapAndRun } from "./bootstrap.mjs";
import { SERVE_COMMAND } from "./setup/serve-command.mjs";

// npm start: everything in one process, straight after a clone. What stands behind `--` goes to the server.
await bootstrapAndRun([...SERVE_COMMAND, ...process.argv.slice(2)], { web: true });
