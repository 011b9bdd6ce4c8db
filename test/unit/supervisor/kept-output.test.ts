import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MAX_TERMINAL_KEPT_BYTES } from '../../../src/supervisor/limits.ts';
import { createKeptOutput } from '../../../src/supervisor/terminals/kept-output.ts';

const textOf = (client: PassThrough): string => String(client.read() ?? '');

describe('the output of a terminal that is kept', () => {
  it('is sent to each client behind what that has had', () => {
    const output = createKeptOutput();
    const [first, second] = [new PassThrough(), new PassThrough()];
    output.stream.write('abc');
    expect(output.join(first, 0)).toBe(true);
    output.stream.write('def');
    expect(textOf(first)).toBe('abcdef');
    output.leave();
    output.stream.write('ghi');
    expect(output.join(second, 4)).toBe(true);
    output.stream.write('jkl');
    expect([textOf(first), textOf(second)]).toEqual(['', 'efghijkl']);
  });

  it.each([
    ['was released', 2],
    ['is not written yet', 7],
  ])('is not sent from a place that %s', (_what, had) => {
    const output = createKeptOutput();
    output.stream.write('abc');
    output.stream.write('def');
    output.release(4);
    expect(output.join(new PassThrough(), had)).toBe(false);
    expect(output.join(new PassThrough(), 4)).toBe(true);
  });

  it('lets the program write no more than is kept, until its client has had some', () => {
    const output = createKeptOutput();
    let written = 0;
    const write = (bytes: number): void =>
      void output.stream.write(Buffer.alloc(bytes), () => {
        written += bytes;
      });
    write(MAX_TERMINAL_KEPT_BYTES);
    write(1);
    expect(written).toBe(0);
    output.release(1000);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      expect(written).toBe(MAX_TERMINAL_KEPT_BYTES + 1);
    });
  });
});
