const SECONDS_BETWEEN_LINES = 10;

/**
 * Runs one step of a set-up and says what is being done and for how long: a line that counts in a terminal,
 * a line now and then elsewhere. On stderr, so that what a command prints stays clean.
 *
 * @template Result
 * @param {string} label
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function task(label, work) {
  const out = process.stderr;
  const isTerminal = out.isTTY === true;
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  out.write(isTerminal ? `${label} …` : `${label} …\n`);
  const ticker = setInterval(() => {
    if (isTerminal) out.write(`\r${label} … ${seconds()} s`);
    else if (seconds() % SECONDS_BETWEEN_LINES === 0) out.write(`${label} … ${seconds()} s\n`);
  }, 1000);
  try {
    const result = await work();
    const took = ((performance.now() - startedAt) / 1000).toFixed(1);
    out.write(`${isTerminal ? "\r" : ""}${label}: done in ${took} s\n`);
    return result;
  } catch (error) {
    out.write(`${isTerminal ? "\r" : ""}${label}: failed after ${seconds()} s\n`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}
