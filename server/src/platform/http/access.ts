/**
 * Who a route is for. It documents and is checked for presence; the operation behind the route
 * decides, because only it knows whose thing is asked for.
 *
 * - `public`: anyone.
 * - `event`: whoever manages the event: its event token.
 * - `reservation`: whoever holds the reservation's token, or manages its event.
 * - `operator`: whoever runs the server: health, metrics, the test clock.
 */
export type Access = "public" | "event" | "reservation" | "operator";

declare module "fastify" {
  interface FastifyContextConfig {
    access: Access;
  }
}
