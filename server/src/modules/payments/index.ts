export { createOfflineProvider } from "./offline-provider.ts";
export { createProviders } from "./providers.ts";
export { createStripeProvider } from "./stripe-provider.ts";
export { createTestProvider } from "./test-provider.ts";
