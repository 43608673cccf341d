export { unsettledMoney } from "./payments-metrics.ts";
export {
  STRIPE_DOUBLE_KEY,
  type StripeDouble,
  signStripeWebhook,
  startStripeDouble,
} from "./testing-stripe-double.ts";
