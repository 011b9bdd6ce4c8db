import { describe, expect, it } from 'vitest';
import { formatDuration, readDuration, readPositiveDuration } from '../../../src/command-line/duration.ts';
import { MAX_TIMEOUT_MS } from '../../../src/protocol/limits.ts';

describe('a duration on the command line', () => {
  it.each([
    ['0', 0],
    ['30', 30_000],
    ['1.5', 1_500],
    ['0.2', 200],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['1h30m', 5_400_000],
    ['1m500ms', 60_500],
    ['1d2h3m4s5ms', 93_784_005],
    ['0.5h', 1_800_000],
    ['1.1s', 1_100],
    ['007s', 7_000],
    ['0s', 0],
  ])('reads %s as %d ms', (text, durationMs) => {
    expect(readDuration(text)).toBe(durationMs);
  });

  it.each(['0.1ms', '0.0001s', '0.0000001'])('never makes 0 of %s, which is above 0', (text) => {
    expect(readDuration(text)).toBe(1);
  });

  it.each([
    '',
    ' ',
    's',
    'ms',
    '-1',
    '+1',
    '1 s',
    ' 1',
    '1s ',
    '1e3',
    '0x10',
    'Infinity',
    'NaN',
    '.5',
    '5.',
    '1,5',
    '1S',
    '1min',
    '1s1m',
    '1m1m',
    '30m1h',
    '1w',
    '１',
    '1s\n',
    '1\n',
  ])('refuses %j and says how to write it', (text) => {
    expect(() => readDuration(text)).toThrow(/is not a duration; write it as 30s, 5m, 1h30m or 250ms/);
  });

  it('takes what a timer can hold, and nothing longer', () => {
    expect(readDuration(`${MAX_TIMEOUT_MS}ms`)).toBe(MAX_TIMEOUT_MS);
    expect(() => readDuration(`${MAX_TIMEOUT_MS + 1}ms`)).toThrow(
      /is too long; the longest is 24 d 20 h 31 min 24 s/,
    );
    expect(() => readDuration('9'.repeat(400))).toThrow('is too long');
  });

  it('refuses 0 where something cannot be switched off', () => {
    expect(() => readPositiveDuration('0s')).toThrow('the duration must be above 0');
    expect(readPositiveDuration('1ms')).toBe(1);
  });

  it.each([
    [0, '0 ms'],
    [250, '250 ms'],
    [999.94, '999.9 ms'],
    [1_000, '1 s'],
    [1_500, '1.5 s'],
    [30_000, '30 s'],
    [60_000, '1 min'],
    [90_000, '1 min 30 s'],
    [7_200_000, '2 h'],
    [90_061_000, '1 d 1 h 1 min 1 s'],
  ])('says %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});
