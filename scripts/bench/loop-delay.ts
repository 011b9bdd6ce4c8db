import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Where a daemon that was started with `--import` of this file writes its delays, one line for each second. */
export const DELAYS_VARIABLE = 'REXA_BENCH_DELAYS';

/** The monitor counts its own interval in. */
const RESOLUTION_MS = 5;

const file = process.env[DELAYS_VARIABLE];
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  setInterval(() => {
    const delayMs = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    delay.reset();
    fs.appendFileSync(file, `${delayMs}\n`);
  }, 1000).unref();
}
