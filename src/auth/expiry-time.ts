import { RexaError } from '../protocol/errors.ts';

/**
 * Reads an `expiry-time=` (sshd(8)): YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, in local time, or in UTC with `Z` or
 * `UTC` behind it.
 * @returns seconds since 1970; the key is good up to and including this second
 * @throws RexaError KEY_OPTION_INVALID, also for days that no calendar has
 */
export function parseExpiryTime(text: string): number {
  const [, year, month, day, time, utc] = /^(\d{4})(\d\d)(\d\d)(\d{4}(?:\d\d)?)?(z|utc)?$/i.exec(text) ?? [];
  const [hour, minute, second] = [0, 2, 4].map((at) => Number((time ?? '').slice(at, at + 2)));
  const parts = [Number(year), Number(month) - 1, Number(day), hour ?? 0, minute ?? 0, second ?? 0] as const;
  const universal = Date.UTC(...parts);
  const isReal =
    !Number.isNaN(universal) &&
    new Date(universal)
      .toISOString()
      .replaceAll(/\D/g, '')
      .startsWith(`${year}${month}${day}${(time ?? '').padEnd(6, '0')}`);
  if (!isReal || parts[0] < 1970) {
    throw new RexaError('KEY_OPTION_INVALID', [
      'expiry-time',
      `${text} is no time; write YYYYMMDD[HHMM[SS]][Z]`,
    ]);
  }
  const milliseconds = utc === undefined ? new Date(...parts).getTime() : universal;
  return Math.floor(milliseconds / 1000);
}
