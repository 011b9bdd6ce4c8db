import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/protocol/control.ts';
import { readRunRequest } from '../../../../src/services/run/messages.ts';
import { codeOf } from '../../../fixtures/protocol/error-code.ts';

const BYTES = { hex: 'ffe9' };

function request(fields: JsonObject): JsonObject {
  return { service: 'run', id: 'x', command: { argv: ['ls'] }, ...fields };
}

describe('a request to run something', () => {
  it.each<[string, JsonObject]>([
    ['an argument', { command: { argv: ['ls', BYTES, ''] } }],
    ['the program', { command: { argv: [BYTES] } }],
    ['the line', { command: { line: BYTES } }],
    ['the folder', { cwd: BYTES }],
    ['a variable', { env: { A: BYTES } }],
    ['an offered variable', { offeredEnv: { A: BYTES } }],
  ])('may have bytes as %s', (_, fields) => {
    expect(readRunRequest(request(fields))).toMatchObject(fields);
  });

  it.each<[string, unknown]>([
    ['an odd number of digits', { hex: 'f' }],
    ['capitals, so that no bytes have two forms', { hex: 'FF' }],
    ['another field', { hex: 'ff', more: 1 }],
    ['another form', { base64: '/w==' }],
    ['a number', 7],
    ['null', null],
  ])('has no bytes with %s', (_, word) => {
    expect(codeOf(() => readRunRequest(request({ command: { argv: ['ls', word] } })))).toBe(
      'REQUEST_WRONG_SHAPE',
    );
    expect(codeOf(() => readRunRequest(request({ env: { A: word } })))).toBe('REQUEST_WRONG_SHAPE');
  });

  it.each(['__proto__', 'prototype', 'constructor', 'hasOwnProperty', 'toString'])(
    'may set a variable named %s',
    (name) => {
      const fields = JSON.parse(`{"env":{"${name}":"x","A":"y"},"offeredEnv":{"${name}":"z"}}`) as JsonObject;
      const { env, offeredEnv } = readRunRequest(request(fields));
      expect(Object.entries(env)).toEqual([
        [name, 'x'],
        ['A', 'y'],
      ]);
      expect(Object.entries(offeredEnv ?? {})).toEqual([[name, 'z']]);
    },
  );

  it.each([[[]], [['A=x']], [null], ['A=x'], [{ A: 1 }], [{ A: { B: 'x' } }]])(
    'has no variables %j',
    (env) => {
      expect(codeOf(() => readRunRequest(request({ env })))).toBe('REQUEST_WRONG_SHAPE');
    },
  );
});
