import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartRequest } from '../../../../src/process/runner/runner.ts';
import { toSpawnError } from '../../../../src/process/runner/spawn-error.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import { createTestRunner, finish, makeRequest } from '../../../fixtures/process/start-command.ts';

const runner = createTestRunner(await loadSystemCalls());

let folder: string;
const at = (name: string) => path.join(folder, name);

function writeProgram(name: string, content: string | Buffer, mode = 0o755): void {
  writeFileSync(at(name), content);
  chmodSync(at(name), mode);
}

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rexa-spawn-'));
  mkdirSync(at('a folder'));
  writeFileSync(at('file'), 'x');
  symlinkSync(at('loop'), at('loop'));
  writeProgram('no-interpreter', '#! /nonexistent/interpreter -x\n');
  writeProgram('windows-lines', '#!/bin/sh\r\necho hello\r\n');
  writeProgram('folder-as-interpreter', `#!${at('a folder').replace('a folder', '')}\n`);
  writeProgram('not-marked', '#!/bin/sh\n', 0o644);
  writeProgram('plain-text', 'echo from sh $1\n');
  writeProgram('for-windows', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]));
  const program = readFileSync('/bin/sh');
  program.writeUInt16LE(0xfefe, 18);
  writeProgram('for-another-machine', program);
  copyFileSync('/bin/sh', at('a program'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A long one is cut in messages. */
const PATH = '/usr/bin:/bin';

async function fail(
  file: string,
  args: readonly string[] = [],
  changes: Partial<StartRequest> = {},
): Promise<string> {
  const request = makeRequest(file, args, { environment: [['PATH', PATH]], ...changes });
  const error: unknown = await runner.start(request).then(
    () => 'started',
    (cause: unknown) => cause,
  );
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replaceAll(folder, '').replaceAll(PATH, 'PATH');
  return `${(error as NodeJS.ErrnoException).code}: ${message}`;
}

describe.runIf(process.platform === 'linux')('a command that cannot be run', () => {
  it.each([
    [
      'rexa-nonexistent',
      "FILE_NOT_FOUND: no program named 'rexa-nonexistent' was found in the PATH of the host, PATH",
    ],
    ['ls -l', "FILE_NOT_FOUND: no program named 'ls -l' was found in the PATH of the host, PATH"],
    ['', "FILE_NOT_FOUND: no program named '' was found: a program needs a name"],
    ['/file/x', "FILE_NOT_FOUND: no program named '/file/x' was found"],
    ['/loop', "FILE_NOT_FOUND: no program named '/loop' was found"],
    ['./nonexistent', `FILE_NOT_FOUND: no program named './nonexistent' was found in ${tmpdir()}`],
    ['/a folder', 'FILE_NOT_EXECUTABLE: /a folder cannot be executed: it is a folder'],
    ['/not-marked', 'FILE_NOT_EXECUTABLE: /not-marked cannot be executed: permission denied'],
    [
      '/no-interpreter',
      "FILE_NOT_FOUND: no program named '/no-interpreter' was found: /no-interpreter needs the interpreter /nonexistent/interpreter, which is not on this host",
    ],
    [
      '/windows-lines',
      "FILE_NOT_FOUND: no program named '/windows-lines' was found: /windows-lines needs the interpreter /bin/sh\\x0d, which is not on this host; its lines end as on Windows",
    ],
    [
      '/folder-as-interpreter',
      'FILE_NOT_EXECUTABLE: /folder-as-interpreter cannot be executed: its interpreter / may not be executed',
    ],
    [
      '/for-windows',
      'FILE_NOT_EXECUTABLE: /for-windows cannot be executed: it is a program for another machine or system',
    ],
    [
      '/for-another-machine',
      'FILE_NOT_EXECUTABLE: /for-another-machine cannot be executed: it is a program for another machine or system',
    ],
  ])('for the name %j says why', async (name, message) => {
    expect(await fail(name.startsWith('/') ? at(name) : name)).toBe(message);
  });

  it('for a name that no file can have says that it was not found', async () => {
    expect(await fail('x'.repeat(5000))).toMatch(/^FILE_NOT_FOUND: no program named 'x/);
  });

  it('for a program that is being written says so', async () => {
    const descriptor = openSync(at('a program'), 'r+');
    expect(await fail(at('a program'))).toContain(
      'FILE_NOT_EXECUTABLE: /a program cannot be executed: it is open for writing',
    );
    closeSync(descriptor);
  });

  it.each<[string, string]>([
    ['/nonexistent', 'it does not exist'],
    ['/file', 'it is not a folder'],
    ['/file/x', 'a part of it is not a folder'],
    ['relative', 'it is not an absolute path'],
  ])('for the working directory %j says why', async (name, reason) => {
    const cwd = name.startsWith('/') ? at(name) : name;
    expect(await fail('true', [], { cwd })).toBe(
      `CWD_UNUSABLE: cannot use the working directory ${name}: ${reason}`,
    );
  });

  it.each<[string, string, string[], Partial<StartRequest>]>([
    ['the program', 'a\0', [], {}],
    ['argument 2', 'true', ['a', 'b\0'], {}],
    ['the working directory', 'true', [], { cwd: '/\0' }],
    ['the environment', 'true', [], { environment: [['A', '\0']] }],
    ['the environment', 'true', [], { environment: [['A\0', '']] }],
    ["the run's id", 'true', [], { runId: '\0' }],
  ])('for a NUL in %s says where it is', async (what, file, args, changes) => {
    expect(await fail(file, args, changes)).toBe(
      `ARGUMENT_INVALID: ${what} contains a NUL character, which cannot be passed to a program`,
    );
  });

  it.each<[string, string[], Partial<StartRequest>]>([
    ['one argument', ['x'.repeat(200_000)], {}],
    ['all arguments', Array.from({ length: 100 }, () => 'x'.repeat(100_000)), {}],
    [
      'the environment',
      [],
      {
        environment: [
          ['A', 'x'.repeat(200_000)],
          ['PATH', '/bin:/usr/bin'],
        ],
      },
    ],
  ])('for %s beyond what the host allows says what to do', async (_what, args, changes) => {
    expect(await fail('true', args, changes)).toMatch(/^ARGUMENTS_TOO_LONG: /);
  });
});

describe.runIf(process.platform === 'linux')('a command that can be run', () => {
  it('may be a text without #!, which POSIX has sh run', async () => {
    const { stdout, exit } = await finish(await runner.start(makeRequest(at('plain-text'), ['x'])));
    expect(stdout.toString()).toBe('from sh x\n');
    expect(exit.exitCode).toBe(0);
  });

  it('is looked for in the PATH of its own environment, empty parts of it being the working directory', async () => {
    const environment = [['PATH', '/nonexistent::/also']] as const;
    const { stdout } = await finish(
      await runner.start(makeRequest('plain-text', ['y'], { environment, cwd: folder })),
    );
    expect(stdout.toString()).toBe('from sh y\n');
  });
});

describe('the error of a spawn', () => {
  it('that a folder of the PATH caused which may not be searched is that nothing was found', () => {
    const cause = Object.assign(new Error('spawn x EACCES'), { code: 'EACCES' });
    const request = makeRequest('rexa-nonexistent', []);
    expect(toSpawnError(request, cause)).toMatchObject({ code: 'FILE_NOT_FOUND', cause });
    expect(toSpawnError({ ...request, file: './rexa-nonexistent' }, cause)).toMatchObject({
      code: 'FILE_NOT_EXECUTABLE',
    });
  });

  it.each([
    ['EMFILE', 'too many files are open on this host'],
    ['ENFILE', 'too many files are open on this host'],
    ['EAGAIN', 'the limit of processes is reached on this host'],
    ['ENOMEM', 'this host has no memory left'],
    ['EIO', 'spawn EIO'],
  ])('%s is told in words, with its cause', (code, words) => {
    const cause = Object.assign(new Error(`spawn ${code}`), { code });
    const error = toSpawnError(makeRequest('x', []), cause);
    expect(error).toMatchObject({ code: 'SPAWN_FAILED', message: `x could not be started: ${words}`, cause });
  });
});
