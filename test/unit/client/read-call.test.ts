import { describe, expect, it } from 'vitest';
import { readCall } from '../../../src/client/read-call.ts';

describe('a call of host.run', () => {
  it.each([
    [['ls'], [], {}],
    [['ls', ['-l']], ['-l'], {}],
    [['ls', { cwd: '/' }], [], { cwd: '/' }],
    [['ls', ['-l'], { cwd: '/' }], ['-l'], { cwd: '/' }],
    [['ls', undefined, { cwd: '/' }], [], { cwd: '/' }],
    [[Buffer.of(0xff), [Buffer.of(0xfe)]], [Buffer.of(0xfe)], {}],
  ] as const)('%j is read as execa reads it', ([file, second, third], args, options) => {
    expect(readCall(file, second, third)).toEqual({ file, args, options });
  });

  it.each([
    [['echo', 'abc'], 'the arguments are an array'],
    [['echo', ['a', 1]], 'argument 2 is neither a string nor a Uint8Array'],
    [[{ file: 'ls' }], 'the program is a string'],
    [['ls', [], 'x'], 'the options an object'],
    [['ls', [], { cwdd: '/tmp' }], 'no option cwdd'],
    [['ls', { toString: 1 }], 'no option toString'],
  ] as const)('%j is refused, since it could not mean anything', (call, message) => {
    const [file, second, third] = call as readonly unknown[];
    expect(() => readCall(file, second, third)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => readCall(file, second, third)).toThrow(message);
  });
});
