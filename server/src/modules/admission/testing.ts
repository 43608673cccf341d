export { createRedeem, type Redeem } from "./redeem.ts";
export { assertTallied } from "./testing-redemptions.ts";
