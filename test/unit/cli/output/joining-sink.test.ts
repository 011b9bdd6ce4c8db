import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createJoiningSink } from '../../../../src/cli/output/byte-sink.ts';

describe('a sink that joins', () => {
  it('writes what comes during a write in one piece, in order', async () => {
    const written: string[] = [];
    const gates: PromiseWithResolvers<void>[] = [];
    const sink = createJoiningSink({
      write(bytes) {
        written.push(Buffer.from(bytes).toString());
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        return gate.promise;
      },
    });
    const first = sink.write(Buffer.from('a'));
    await nextTurn();
    const others = [sink.write(Buffer.from('b')), sink.write(Buffer.from('c'))];
    gates[0]?.resolve();
    await first;
    await nextTurn();
    expect(written).toEqual(['a', 'bc']);
    gates[1]?.reject(new Error('full'));
    const failed = await Promise.allSettled(others);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const last = sink.write(Buffer.from('d'));
    await nextTurn();
    gates[2]?.resolve();
    await last;
    expect(written).toEqual(['a', 'bc', 'd']);
  });
});
