import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunRequest } from '../../../../src/services/run/messages.ts';
import { resolveRequest } from '../../../../src/services/run/resolve-request.ts';
import { findSubsystem } from '../../../../src/services/run/subsystems.ts';
import { codeOf } from '../../../fixtures/auth/fixtures.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-subsystem-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const table = () => ({ files: { program: 'files-server', folders: ['/nowhere', folder] } });
function install(mode: number): string {
  const program = join(folder, 'files-server');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, mode);
  return program;
}

describe('a subsystem', () => {
  it('is the program in the first of its folders that has it', () => {
    const program = install(0o755);
    expect(findSubsystem('files', '', table())).toBe(program);
  });

  it('is looked for in the PATH last', () => {
    const program = install(0o755);
    expect(
      findSubsystem('files', folder, { files: { program: 'files-server', folders: ['/nowhere'] } }),
    ).toBe(program);
  });

  it.each([
    ['that nobody installed', 'files', 0, /^no subsystem files on this host: no files-server is installed/],
    ['that may not be executed', 'files', 0o644, /^no subsystem files on this host: no files-server/],
    ['of another name', 'sftpd', 0o755, /^no subsystem sftpd on this host: there is files$/],
    ['called like what every object has', 'constructor', 0o755, /^no subsystem constructor/],
  ])('%s is missing', (_, name, mode, message) => {
    if (mode !== 0) install(mode);
    expect(() => findSubsystem(name, '', table())).toThrow(message);
    expect(codeOf(() => findSubsystem(name, '', table()))).toBe('SUBSYSTEM_MISSING');
  });
});

describe('what is run of a request', () => {
  const ask = (more: object) =>
    readRunRequest({ service: 'run', id: 'one', command: { line: 'id' }, ...more });
  const FREE = { forcedCommand: null, environment: {} };

  it('has the variables that were offered and allowed, and those that were asked for before them', () => {
    const request = ask({ env: { A: 'asked' }, offeredEnv: { A: 'offered', B: 'b', C: 'c' } });
    const settled = resolveRequest(request, FREE, { A: 'offered', B: 'b' });
    expect(settled.env).toEqual({ A: 'asked', B: 'b' });
    expect(settled).not.toHaveProperty('offeredEnv');
  });

  it('is the forced command in place of all that was asked for, a subsystem that is not there included', () => {
    const request = ask({ command: { subsystem: 'nothing' }, cwd: '/tmp' });
    const settled = resolveRequest(request, { ...FREE, forcedCommand: 'true' }, {});
    expect(settled.command).toEqual({ line: 'true' });
    expect(settled).not.toHaveProperty('cwd');
    expect(codeOf(() => resolveRequest(request, FREE, {}))).toBe('SUBSYSTEM_MISSING');
  });

  it.each([[''], ['x'.repeat(65)], [7]])('is nothing for a subsystem called %j', (subsystem) => {
    expect(codeOf(() => ask({ command: { subsystem } }))).toBe('REQUEST_WRONG_SHAPE');
  });
});
