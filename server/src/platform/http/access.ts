/**
 * Who a route is for. It documents and is checked for presence; the operation behind the route
 * decides, because only it knows whose thing is asked for.
 *
 * - `public`: anyone.
 * - `event`: whoever manages the event: its event token.
 * - `reservation`: whoever holds the reservation's token, or manages its event.
 * - `user`: whoever is logged in.
 * - `operator`: whoever runs the server: health, metrics, the test clock.
 */
export type Access = "public" | "event" | "reservation" | "user" | "operator";

declare module "fastify" {
  interface FastifyContextConfig {
    access: Access;
    /**
     * Reads or sets the session's cookie, also where it is for anyone. Such a route takes no
     * `Idempotency-Key`: what it answers is never kept.
     */
    cookies?: true;
  }
}
