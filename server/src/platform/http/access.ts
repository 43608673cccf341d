/** What somebody may be allowed to do with an event, or with all that is an organizer's. */
export const PERMISSIONS = [
  "event:read",
  "event:write",
  "reservation:read",
  "reservation:write",
  "attendee:erase",
  "door",
  "door-pass:write",
  "feed:read",
  "organizer:read",
  "organizer:write",
  "member:read",
  "member:write",
  "key:write",
  "audit:read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * What a route needs of whoever asks.
 *
 * - a permission: on the very thing that is asked for. `callerOf` carries it to the one place that
 *   decides (modules/organizers/decide.ts), because only the operation knows whose thing it is.
 * - `user`: to be logged in. Whatever the route does is about that user.
 * - `operator`: to run the server (health, metrics, the test clock). Nothing is checked: such routes
 *   are kept from the public by whoever runs it.
 */
export type Requirement = Permission | "user" | "operator";

declare module "fastify" {
  interface FastifyContextConfig {
    /** All of them are needed. Empty: it is for anyone. */
    requires: readonly Requirement[];
    /** For anyone, but what is answered depends on who asks: credentials are read and must be good. */
    identifies?: true;
    /**
     * Reads or sets the session's cookie, also where it is for anyone. Such a route takes no
     * `Idempotency-Key`: what it answers is never kept.
     */
    cookies?: true;
    /** Where in the body a string may hold control characters: what a scanner read. JSON Pointers, `*` for any index. */
    anyTextAt?: readonly string[];
  }
}
