import { afterEach, describe, expect, it, vi } from 'vitest';
import { CLIENT_LOOK_MS, MAX_DETACHED_LINKS, MAX_LINK_TOMBSTONES } from '../../../src/link/limits.ts';
import type { LinkBody } from '../../../src/link/link-body.ts';
import { createLinkRegistry, type LinkEntry } from '../../../src/link/link-registry.ts';

const BODY = {} as LinkBody;

function makeEntry(id: string): LinkEntry {
  return { id, body: BODY, identity: 'ann', secret: '', epoch: 1, clientProcess: null };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('what a registry says of a link that it does not have', () => {
  it('is forgotten before it begins, and of all that is older than that', () => {
    let nowMs = 100;
    const registry = createLinkRegistry(
      () => {},
      () => nowMs,
    );
    expect(registry.find('a', 1e9).kind).toBe('forgotten');
    nowMs = 200;
    registry.begin();
    expect([registry.find('a', 200).kind, registry.find('a', 201).kind]).toEqual(['forgotten', 'never-seen']);
  });

  it('is forgotten of one that is over, for as long as its id is kept', () => {
    let nowMs = 0;
    const registry = createLinkRegistry(
      () => {},
      () => nowMs,
    );
    registry.begin();
    for (let count = 0; count <= MAX_LINK_TOMBSTONES; count++) {
      nowMs = 10 + count;
      const entry = makeEntry(`id-${count}`);
      expect(registry.enter(entry)).toBe(true);
      registry.bury(entry);
      expect(registry.enter(makeEntry(`id-${count}`))).toBe(false);
    }
    // The first is not kept any more: then nothing that is as old is taken for new
    expect([registry.find('id-0', 10).kind, registry.find('other', 10).kind]).toEqual([
      'forgotten',
      'forgotten',
    ]);
    expect([registry.find('id-1', 1e9).kind, registry.find('other', 11).kind]).toEqual([
      'forgotten',
      'never-seen',
    ]);
  });
});

describe('links that wait for another connection', () => {
  it('are given up after their time, unless they have one', () => {
    vi.useFakeTimers();
    const givenUp: string[] = [];
    const registry = createLinkRegistry(({ id }) => givenUp.push(id));
    const [first, second] = [makeEntry('first'), makeEntry('second')];
    for (const entry of [first, second]) {
      registry.enter(entry);
      registry.wait(entry, 1000);
    }
    registry.stopWaiting(second);
    vi.advanceTimersByTime(5000);
    expect(givenUp).toEqual(['first']);
  });

  it('are given up early once the process of their client is gone, and not before', () => {
    vi.useFakeTimers();
    const givenUp: string[] = [];
    const registry = createLinkRegistry(({ id }) => givenUp.push(id));
    let isGone = false;
    const entry = { ...makeEntry('local'), clientProcess: { pid: 1, isGone: () => isGone } };
    registry.enter(entry);
    registry.wait(entry, 60_000);
    vi.advanceTimersByTime(30_000);
    expect(givenUp).toEqual([]);
    isGone = true;
    vi.advanceTimersByTime(CLIENT_LOOK_MS);
    expect(givenUp).toEqual(['local']);
  });

  it('are given up when too many wait, the one that has waited longest first', () => {
    const givenUp: string[] = [];
    const registry = createLinkRegistry((entry) => {
      givenUp.push(entry.id);
      registry.bury(entry);
    });
    const entries = Array.from({ length: MAX_DETACHED_LINKS + 2 }, (_, at) => makeEntry(`id-${at}`));
    for (const entry of entries) {
      registry.enter(entry);
      registry.wait(entry, 1_000_000);
    }
    expect(givenUp).toEqual(['id-0', 'id-1']);
    for (const entry of entries) registry.bury(entry);
  });
});
