/**
 * What Node.js is given to serve, as it is shipped. V8 would let its young generation grow to three times
 * what a busy server needs: with 8 MB a half of it, it takes 240 MB under full load instead of 300, and
 * answers as many. (The Dockerfile says the same.)
 */
export const SERVE_COMMAND = ["--max-semi-space-size=8", "server/src/main.ts", "serve"];
