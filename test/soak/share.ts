/** How much of a soak is run: 1 is all of it, `npm test` runs a twentieth. */
export const SHARE = Number(process.env['REXA_SOAK_SHARE'] ?? 1);

/** That share of a number, and at least one. */
export function shareOf(whole: number): number {
  return Math.max(1, Math.round(whole * SHARE));
}
