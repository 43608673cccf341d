export { createOfflineProvider } from "./offline-provider.ts";
export { createStripeProvider } from "./stripe-provider.ts";
export { createTestProvider } from "./test-provider.ts";
