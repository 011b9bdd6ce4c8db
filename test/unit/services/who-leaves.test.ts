import { expect, it } from 'vitest';
import type { CallChannel } from '../../../src/services/call.ts';
import { whoLeaves } from '../../../src/services/who-leaves.ts';

const NEVER = new Promise<never>(() => undefined);

it.each([
  ['a client that has ended is gone', true, false, true],
  ['a daemon that leaves is not', false, true, false],
  ['nor a client whose link ended with its daemon', true, true, false],
])('%s', async (_what, hasEnded, isReleased, gone) => {
  const client = { ended: hasEnded ? Promise.resolve() : NEVER } as unknown as CallChannel;
  expect(await whoLeaves(client, isReleased ? Promise.resolve() : NEVER)).toEqual({ gone });
});

it('a daemon says that it leaves before the links of its clients end', async () => {
  const [ended, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const leaving = whoLeaves({ ended: ended.promise } as unknown as CallChannel, released.promise);
  released.resolve();
  ended.resolve();
  expect(await leaving).toEqual({ gone: false });
});
