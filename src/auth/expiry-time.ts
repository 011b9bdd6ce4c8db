import { RexaError } from '../protocol/errors.ts';

/**
 * Parses an `expiry-time=` (sshd(8)): YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, in local time, or in UTC with `Z` or `UTC`
 * at the end.
 * @returns seconds since 1970; the key is valid up to and including this second
 * @throws RexaError KEY_OPTION_INVALID, also for dates that do not exist
 */
export function parseExpiryTime(text: string): number {
  const [, date, time = '', utc] = /^(\d{8})(\d{4}(?:\d\d)?)?(z|utc)?$/i.exec(text) ?? [];
  const digits = `${date}${time}`.padEnd(14, '0');
  const part = (start: number, end: number) => Number(digits.slice(start, end));
  const parts = [part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14)] as const;
  // Date accepts February 30 as a day in March, so the result is formatted again and compared.
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

/** Formats as YYYYMMDDHHMMSS; empty for an invalid time. */
function formatDigits(date: Date): string {
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replaceAll(/\D/g, '').slice(0, 14);
}
