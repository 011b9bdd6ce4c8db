import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { createContinuedOutput } from '../../../../src/cli/run/continued-output.ts';

interface Case {
  readonly name: string;
  readonly readings: readonly string[];
  readonly passed: string;
  readonly isBroken: boolean;
}

it.each<Case>([
  { name: 'the whole at once', readings: ['abcdef'], passed: 'abcdef', isBroken: false },
  { name: 'a cut reading and a whole one', readings: ['abc', 'abcdef'], passed: 'abcdef', isBroken: false },
  { name: 'a refused reading between', readings: ['abc', '', 'abcdef'], passed: 'abcdef', isBroken: false },
  { name: 'a shorter reading between', readings: ['abc', 'a', 'abcdef'], passed: 'abcdef', isBroken: false },
  { name: 'a reading of something else', readings: ['abc', 'xbcdef'], passed: 'abc', isBroken: true },
  { name: 'a last reading that is shorter', readings: ['abc', 'ab'], passed: 'abc', isBroken: true },
])('passes on once: $name', async ({ readings, passed, isBroken }) => {
  const output = createContinuedOutput();
  let told = '';
  for (const reading of readings) {
    // As chunks of two bytes
    const chunks = reading.match(/.{1,2}/g)?.map((chunk) => Buffer.from(chunk)) ?? [];
    for await (const chunk of output.rest(Readable.from(chunks))) told += Buffer.from(chunk).toString();
  }
  expect([told, output.isBroken]).toEqual([passed, isBroken]);
});
