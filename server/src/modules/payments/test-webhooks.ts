import { Problem } from "#platform/http/problem.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import type { TestProvider } from "./test-provider.ts";
import { takeWebhook } from "./webhook-routes.ts";

/** Takes what the test provider has to tell. As with any provider, what is refused is told no more. */
export async function deliverTestWebhooks(
  parts: PaymentsParts,
  provider: TestProvider | null,
): Promise<void> {
  for (;;) {
    const deliveries = (await provider?.takeWebhooks()) ?? [];
    for (const delivery of deliveries) {
      await takeWebhook(parts, "test", delivery).catch((error) => {
        if (!(error instanceof Problem)) throw error;
      });
    }
    if (deliveries.length === 0) return;
  }
}
