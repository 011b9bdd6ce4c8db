import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { serve } from '../../../src/daemon/index.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

describe('a test file among the examples', () => {
  it.each(globSync('*.test.mjs', { cwd: EXAMPLES }))('%s passes', async (name) => {
    // A test runner that is started by another one reports in another way
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    await promisify(execFile)(process.execPath, ['--test', name], { cwd: EXAMPLES, env });
  });
});

describe('the client of rexa/protocol', () => {
  it.each([
    ['echo out; echo err >&2; exit 7', { code: 7, stdout: 'out\n', stderr: 'err\n' }],
    ['seq 300000 | tail -1', { code: 0, stdout: '300000\n', stderr: '' }],
  ])('runs %s as the library does', async (line, expected) => {
    await using server = await serve();
    const words = ['protocol-client.mjs', server.address.slice('unix:'.length), 'sh', '-c', line];
    const { code, stdout, stderr } = await runNode(words);
    expect({ code, stdout, stderr }).toEqual(expected);
  });

  it('tells the error of a command that cannot be started', async () => {
    await using server = await serve();
    const { code, stderr } = await runNode([
      'protocol-client.mjs',
      server.address.slice('unix:'.length),
      '/no/such/program',
    ]);
    expect([code, stderr]).toEqual([255, expect.stringContaining('FILE_NOT_FOUND')]);
  });
});

async function runNode(words: readonly string[]) {
  const run = promisify(execFile)(process.execPath, words, { cwd: EXAMPLES });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}
