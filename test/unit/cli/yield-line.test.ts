import { describe, expect, it } from 'vitest';
import { yieldLine } from '../../../src/cli/host/yield-line.ts';

describe('a line of the connection', () => {
  it('says that a key is being unlocked, from the passphrase to the next message', async () => {
    const seen: string[] = [];
    const line = { show: (text: string) => seen.push(text), hide: () => seen.push('hidden') };
    const { passphrase, log } = yieldLine(line, {
      passphrase: () => 'secret',
      log: (text) => seen.push(`log: ${text}`),
    });
    if (typeof passphrase !== 'function') throw new Error('nobody is asked');
    await passphrase({ file: '/home/a/key', attempt: 1 });
    log?.('unlocked /home/a/key');
    expect(seen).toEqual(['hidden', 'unlocking /home/a/key', 'hidden', 'log: unlocked /home/a/key']);
  });

  it('says nothing where no passphrase was given', async () => {
    const seen: string[] = [];
    const line = { show: (text: string) => seen.push(text), hide: () => seen.push('hidden') };
    const { passphrase } = yieldLine(line, { passphrase: () => null });
    if (typeof passphrase === 'function') await passphrase({ file: 'key', attempt: 1 });
    expect(seen).toEqual(['hidden']);
  });
});
