export { createRedeem, type Redeem } from "./redeem.ts";
export { assertTallied } from "./testing-tallies.ts";
