import { PROBE_SIGNATURE_MS, PROBE_SIGNATURES_BURST, PROBE_TRIAL_SIGNATURES } from '../limits.ts';

/**
 * Measures how many signatures of the limits one signature of a key stands for: they bound the time of the event loop, and
 * RSA takes a hundred times as long as Ed25519.
 * @returns from 1 to all that the limits give at once
 */
export async function measureSignature(
  sign: () => Promise<unknown>,
  nowMs: () => number = () => performance.now(),
): Promise<number> {
  let fastestMs = Infinity;
  for (let trial = 0; trial < PROBE_TRIAL_SIGNATURES; trial++) {
    const beforeMs = nowMs();
    await sign();
    fastestMs = Math.min(fastestMs, nowMs() - beforeMs);
  }
  return Math.min(Math.max(1, fastestMs / PROBE_SIGNATURE_MS), PROBE_SIGNATURES_BURST);
}
