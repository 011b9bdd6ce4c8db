import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../../src/auth/public-key.ts';
import { searchKeys } from '../../../../src/client/tls/candidates.ts';
import { openLastKeys } from '../../../../src/client/tls/last-keys.ts';
import { fixtureKey, makeTestFolder } from '../../../fixtures/auth/fixtures.ts';
import { makeUserHome } from '../../../fixtures/tls/user-home.ts';

const KEY = { fingerprint: 'SHA256:a', source: 'ssh-agent' };

const makeFile = (): string => path.join(makeTestFolder(), 'state', 'last-keys.json');

describe('the keys that hosts let in last', () => {
  it('are kept from one process to the next, and forgotten', () => {
    const file = makeFile();
    openLastKeys(file).remember('@build1:7522', KEY);
    openLastKeys(file).remember('alice@build1:7522', { ...KEY, fingerprint: 'SHA256:b' });
    expect(openLastKeys(file).find('@build1:7522')).toEqual(KEY);
    openLastKeys(file).forget('@build1:7522');
    expect(openLastKeys(file).find('@build1:7522')).toBeNull();
    expect(openLastKeys(file).find('alice@build1:7522')?.fingerprint).toBe('SHA256:b');
    expect([fs.statSync(file).mode & 0o777, fs.statSync(path.dirname(file)).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['last-keys.json']);
  });

  it('are those of the latest thousand hosts', () => {
    const file = makeFile();
    fs.mkdirSync(path.dirname(file));
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`@h${index}:1`, KEY]));
    fs.writeFileSync(file, JSON.stringify(many));
    openLastKeys(file).remember('@new:1', KEY);
    expect([openLastKeys(file).find('@h0:1'), openLastKeys(file).find('@new:1')]).toEqual([null, KEY]);
  });

  it.each([
    ['no JSON', '{"'],
    ['another shape', '[1, null, "x"]'],
    ['wrong entries', '{"@build1:7522": {"fingerprint": 1}}'],
    ['nothing', ''],
    ['too much', ' '.repeat(1024 * 1024 + 1)],
  ])('are none where the file holds %s, and begin anew', (_what, text) => {
    const file = makeFile();
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, text);
    expect(openLastKeys(file).find('@build1:7522')).toBeNull();
    openLastKeys(file).remember('@build1:7522', KEY);
    expect(openLastKeys(file).find('@build1:7522')).toEqual(KEY);
  });

  it('do without a file that cannot be written', () => {
    const folder = makeTestFolder();
    fs.writeFileSync(path.join(folder, 'state'), '');
    const keys = openLastKeys(path.join(folder, 'state', 'last-keys.json'));
    keys.remember('@build1:7522', KEY);
    expect(keys.find('@build1:7522')).toBeNull();
  });

  it('lead to no file that would not be looked into anyway', async () => {
    const home = makeUserHome();
    const elsewhere = home.addKey('ed25519', 'elsewhere');
    const usual = home.addKey('ed25519', '.ssh/id_ed25519');
    const sources = { files: null, filesOnly: undefined, agent: null, warn: () => {} };
    const last = { fingerprint: fingerprint(fixtureKey('ed25519')), source: elsewhere };
    expect(await searchKeys(sources).findLast(last)).toBeNull();
    expect((await searchKeys(sources).findLast({ ...last, source: usual }))?.source).toBe(usual);
  });
});
