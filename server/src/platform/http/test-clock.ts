import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { TestClock } from "../clock.ts";
import { toRfc3339 } from "../time.ts";
import { invalidField, Problem } from "./problem.ts";
import { component, problems, Rfc3339 } from "./schemas.ts";

/** Ten years: further is a slip of the hand, and times beyond may not fit where they are kept. */
const ADVANCE_SECONDS_MAX = 315_576_000;

const ClockChange = component(
  "TestClockChange",
  Type.Object(
    {
      advance_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: ADVANCE_SECONDS_MAX })),
      now: Type.Optional(Rfc3339),
    },
    {
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      description: "Either how far to go, or where to. Never back.",
    },
  ),
);

const ClockView = component("TestClock", Type.Object({ now: Rfc3339 }));

/** Moves the whole server's clock. Registered only where the server was started with a test clock. */
export function testClockRoutes(clock: TestClock): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/test-clock",
      {
        config: { requires: ["operator"] },
        schema: {
          operationId: "moveTestClock",
          tags: ["Operations"],
          summary: "Move the clock of a server that is under test",
          body: ClockChange,
          response: { 200: ClockView, ...problems(422) },
        },
      },
      async ({ body }) => {
        clock.advance(millisecondsTo(clock, body));
        return { now: toRfc3339(clock.now()) };
      },
    );
  };
}

function millisecondsTo(
  clock: TestClock,
  change: { advance_seconds?: number; now?: string },
): number {
  if (change.now === undefined) return (change.advance_seconds ?? 0) * 1000;
  const milliseconds = Date.parse(change.now) - clock.now();
  if (milliseconds < 0 || milliseconds > ADVANCE_SECONDS_MAX * 1000) {
    throw new Problem(invalidField, "The clock goes forward only, and at most ten years.", {
      errors: [{ path: "/now", code: "not_allowed", message: "must not be before the clock" }],
    });
  }
  return milliseconds;
}
