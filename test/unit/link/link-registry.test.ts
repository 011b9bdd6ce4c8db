import { describe, expect, it, onTestFinished } from 'vitest';
import type { LinkBody } from '../../../src/link/link-body.ts';
import { createLinkRegistry, type LinkEntry } from '../../../src/link/link-registry.ts';
import { MAX_DETACHED_LINKS } from '../../../src/protocol/limits.ts';

const LONG_MS = 60_000;

describe('links that wait for a connection', () => {
  it('end where there are too many of them: the oldest of whoever has most', () => {
    const ended: string[] = [];
    const registry = createLinkRegistry((entry) => {
      ended.push(entry.id);
      registry.bury(entry);
    });
    const entries: LinkEntry[] = [];
    onTestFinished(() => entries.forEach(registry.stopWaiting));
    function wait(identity: string, id: string): void {
      const entry = { id, identity, secret: '', epoch: 1, body: {} as LinkBody };
      entries.push(entry);
      registry.enter(entry);
      registry.wait(entry, LONG_MS);
    }
    wait('ann', 'ann 1');
    for (let count = 1; count < MAX_DETACHED_LINKS; count++) wait('eve', `eve ${count}`);
    expect(ended).toEqual([]);
    for (let count = 0; count < 3; count++) wait('eve', `eve again ${count}`);
    wait('ann', 'ann 2');
    expect(ended).toEqual(['eve 1', 'eve 2', 'eve 3', 'eve 4']);
  });
});
