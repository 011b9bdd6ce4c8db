import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createHeldPipes } from '../../../../src/process/conduct/held-pipes.ts';
import { MAX_HELD_PIPES_PER_PRINCIPAL } from '../../../../src/process/limits.ts';

/** Keeps so many pipes of an owner. */
function keepMany(held: ReturnType<typeof createHeldPipes>, owner: string, count: number): PassThrough[] {
  const pipes = Array.from({ length: count }, () => new PassThrough());
  for (const pipe of pipes) held.keep(owner, pipe);
  return pipes;
}

describe('pipes that are held after the end of their commands', () => {
  it('are closed, the oldest first, beyond what one owner may have', () => {
    const held = createHeldPipes();
    const others = keepMany(held, 'other', 1);
    const pipes = keepMany(held, 'flood', MAX_HELD_PIPES_PER_PRINCIPAL + 3);
    expect(pipes.map(({ destroyed }) => destroyed)).toEqual(pipes.map((_, index) => index < 3));
    expect(others[0]?.destroyed).toBe(false);
  });

  it('make room when they are closed', async () => {
    const held = createHeldPipes();
    const [first, ...rest] = keepMany(held, 'one', MAX_HELD_PIPES_PER_PRINCIPAL);
    first?.destroy();
    if (first) await once(first, 'close');
    keepMany(held, 'one', 1);
    expect(rest.some(({ destroyed }) => destroyed)).toBe(false);
  });
});
