import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeReader, findLoginFiles } from '../../../src/cli/keys/login-files.ts';
import { readConfigured } from '../../../src/daemon/options.ts';
import * as places from '../../../src/places/login-files.ts';
import { makeTestFolder } from '../../fixtures/auth/fixtures.ts';

/** Writes the configuration of a systemd unit. @returns its file */
function writeUnitConfig(text: string): string {
  const file = path.join(makeTestFolder(), 'alice.yaml');
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const DEFAULTS = [places.ownAuthorizedKeys(), places.sshAuthorizedKeys()];

describe('the login files of the daemon', () => {
  it('are the defaults where no configuration is known', async () => {
    const files = await findLoginFiles(undefined, '/nonexistent.yaml');
    expect(files).toEqual({ authorizedKeys: DEFAULTS, revokedKeys: null, config: null });
    expect(describeReader(DEFAULTS[0] ?? '', files)).toContain('unless');
    expect(describeReader('/other', files)).toContain('only if');
  });

  it.each([
    ['authorized-keys: /a\n', ['/a'], null],
    ['authorized-keys: [/a, b]\nlisten: local\n', ['/a', 'FOLDER/b'], null],
    ['revoked-keys: r\n', DEFAULTS, 'FOLDER/r'],
    ['{}\n', DEFAULTS, null],
  ])('come from the configuration of the systemd unit: %j', async (text, authorizedKeys, revoked) => {
    const unit = writeUnitConfig(text);
    const place = (file: string): string => file.replace('FOLDER', path.dirname(unit));
    expect(await findLoginFiles(undefined, unit)).toEqual({
      authorizedKeys: authorizedKeys.map(place),
      revokedKeys: revoked === null ? null : place(revoked),
      config: unit,
    });
  });

  it('are not guessed where the configuration is not valid', async () => {
    const unit = writeUnitConfig('authorized-keys: {a: b}\n');
    await expect(findLoginFiles(undefined, unit)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('rexad status', () => {
  it.each([
    [['status'], ['unix:/run/rexad/alice/rexad.sock']],
    [['--listen', 'local', 'status'], ['local']],
    [['check-config'], ['local']],
    [[], ['local']],
  ])('asks the daemon of the systemd unit, if nothing else is named: %j', async (words, listen) => {
    const unit = writeUnitConfig('listen: "unix:/run/rexad/alice/rexad.sock"\n');
    expect(await readConfigured(words, unit)).toMatchObject({ listen });
  });
});
