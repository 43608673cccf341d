/** Tells what a camera sees anew from what it still sees. */
export interface RepeatFilter {
  /** Whether the code was not in sight lately. Each sight counts, so a ticket that is held still stays old. */
  isNews(code: string): boolean;
  /** The next sight of any code is news. */
  forget(): void;
}

/** Out of sight for so long, a code is presented anew. */
const UNSEEN_MS = 3_000;

/** @param now milliseconds that only grow */
export function createRepeatFilter(now: () => number): RepeatFilter {
  const seenAt = new Map<string, number>();
  return {
    isNews: (code) => {
      const at = now();
      for (const [other, last] of seenAt) if (at - last >= UNSEEN_MS) seenAt.delete(other);
      const isNews = !seenAt.has(code);
      seenAt.set(code, at);
      return isNews;
    },
    forget: () => seenAt.clear(),
  };
}
