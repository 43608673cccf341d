export { unsettledMoney } from "./payments-metrics.ts";
