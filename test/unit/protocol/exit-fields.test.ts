import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  codeSchema,
  exitCodeSchema,
  pidsSchema,
  signalNameSchema,
} from '../../../src/protocol/exit-fields.ts';

describe('a field of an outcome', () => {
  it.each([
    [exitCodeSchema, 3.7],
    [exitCodeSchema, -1],
    [exitCodeSchema, 2 ** 32],
    [exitCodeSchema, '0'],
    [signalNameSchema, 'SIG\u001b[2J'],
    [signalNameSchema, 'TERM'],
    [signalNameSchema, ''],
    [codeSchema, 'lost\n'],
    [pidsSchema, [0]],
    [pidsSchema, [1.5]],
  ])('refuses a value that is none: case %#', (schema, value) => {
    expect(v.is(schema, value)).toBe(false);
  });

  it.each([
    [exitCodeSchema, 255],
    [exitCodeSchema, 0xc000_0005],
    [signalNameSchema, 'SIGTERM'],
    [signalNameSchema, 'SIGRTMIN+1'],
    [codeSchema, 'TIMED_OUT'],
    [pidsSchema, []],
  ])('takes a right one: case %#', (schema, value) => {
    expect(v.is(schema, value)).toBe(true);
  });
});
