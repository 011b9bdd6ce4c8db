import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConfiguredHost,
  readLines,
  startConfiguredHost,
} from '../../fixtures/ssh-config/configured-host.ts';

const STRICT = ['-o', 'StrictHostKeyChecking=yes', 'somehost', 'true'];

let host: ConfiguredHost;
beforeAll(async () => {
  host = await startConfiguredHost();
});
afterAll(() => host[Symbol.asyncDispose]());

describe('known_hosts of rexa ssh', () => {
  it('learns a host with a hash in place of its name, and knows it by that', async () => {
    writeFileSync(host.knownHosts, '');
    expect((await host.ssh(...STRICT)).status).toBe(255);
    expect((await host.ssh('-o', 'HashKnownHosts=yes', 'somehost', 'true')).status).toBe(0);
    expect(readLines(host.knownHosts)).toEqual([expect.stringMatching(/^\|1\|\S+\|\S+ ssh-ed25519 /)]);
    expect((await host.ssh(...STRICT)).status).toBe(0);
  });

  it.each([['something'], ['something\n']])('learns a host behind %j on a line of its own', async (text) => {
    writeFileSync(host.knownHosts, text);
    expect((await host.ssh('somehost', 'true')).status).toBe(0);
    expect((await host.ssh(...STRICT)).status).toBe(0);
    expect(readLines(host.knownHosts)).toEqual([
      'something',
      expect.stringMatching(/^somehost:22 ssh-ed25519 /),
    ]);
  });

  it('are looked up in each file that is named, the first of which may be none', async () => {
    const files = `UserKnownHostsFile=/dev/null ${host.knownHosts}`;
    expect((await host.ssh('-o', files, ...STRICT)).status).toBe(0);
  });
});
