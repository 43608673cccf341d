export { createOfflineProvider } from "./offline-provider.ts";
export { createTestProvider } from "./test-provider.ts";
