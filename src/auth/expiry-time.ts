import { RexaError } from '../protocol/errors.ts';

/**
 * Reads an `expiry-time=` (sshd(8)): YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, in local time, or in UTC with `Z` or
 * `UTC` behind it.
 * @returns seconds since 1970; the key is good up to and including this second
 * @throws RexaError KEY_OPTION_INVALID, also for days that no calendar has
 */
export function parseExpiryTime(text: string): number {
  const [, date, time = '', utc] = /^(\d{8})(\d{4}(?:\d\d)?)?(z|utc)?$/i.exec(text) ?? [];
  const digits = `${date}${time}`.padEnd(14, '0');
  const part = (start: number, end: number) => Number(digits.slice(start, end));
  const parts = [part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14)] as const;
  // The 30th of February would be taken for a day in March: what is meant must come out again.
  const universal = new Date(Date.UTC(...parts));
  if (date === undefined || parts[0] < 1970 || formatDigits(universal) !== digits) {
    throw new RexaError('KEY_OPTION_INVALID', [
      'expiry-time',
      `${text} is no time; write YYYYMMDD[HHMM[SS]][Z]`,
    ]);
  }
  const meant = utc === undefined ? new Date(...parts) : universal;
  return meant.getTime() / 1000;
}

/** YYYYMMDDHHMMSS; empty for no time at all. */
function formatDigits(date: Date): string {
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replaceAll(/\D/g, '').slice(0, 14);
}
