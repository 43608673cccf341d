export { advancePayment, letHoldWait } from "./advance-payment.ts";
export { applyWebhook } from "./apply-webhook.ts";
export { giveRefund } from "./give-refund.ts";
export { cancelPayment, retryRefund, settleOfflinePayment } from "./manage-payments.ts";
export { createOfflineProvider, type OfflineProvider } from "./offline-provider.ts";
export { GRACE_SECONDS, type Payment } from "./payment.ts";
export { paymentsOf, readPayment } from "./payment-store.ts";
export { unsettledMoney } from "./payments-metrics.ts";
export { ADVANCE_JOB, type PaymentsParts, REFUND_JOB, WEBHOOK_JOB } from "./payments-parts.ts";
export type { PaymentProvider, ProviderName } from "./provider.ts";
export { createProviders } from "./providers.ts";
export { reconcilePayments } from "./reconcile-payments.ts";
export { refundsOf } from "./refund-store.ts";
export { settleReservationMoney } from "./settle-reservation.ts";
export { startPayment } from "./start-payment.ts";
export { createTestProvider, type TestProvider } from "./test-provider.ts";
export {
  STRIPE_DOUBLE_KEY,
  type StripeDouble,
  signStripeWebhook,
  startStripeDouble,
} from "./testing-stripe-double.ts";
export { takeWebhook } from "./webhook-routes.ts";
