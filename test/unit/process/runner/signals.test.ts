import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isStandardSignal, signalName } from '../../../../src/process/runner/signals.ts';

describe('the name of a signal', () => {
  it.each(['SIGHUP', 'SIGINT', 'SIGABRT', 'SIGKILL', 'SIGTERM'] as const)('is %s for its number', (name) => {
    expect(signalName(constants.signals[name])).toBe(name);
  });

  it.each([34, 40, 64])('is its number where it has no other: %i', (number) => {
    expect(signalName(number)).toBe(`SIG${number}`);
  });

  it.each([
    ['SIGTERM', true],
    ['SIGUSR1', true],
    ['SIG34', false],
    ['TERM', false],
    ['sigterm', false],
    ['', false],
    ['toString', false],
    ['__proto__', false],
  ])('%j names a signal of this host: %s', (name, isOne) => {
    expect(isStandardSignal(name)).toBe(isOne);
  });
});
