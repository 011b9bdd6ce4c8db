import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

describe('a test file among the examples', () => {
  it.each(globSync('*.test.mjs', { cwd: EXAMPLES }))('%s passes', async (name) => {
    // A test runner that is started by another one reports in another way
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    await promisify(execFile)(process.execPath, ['--test', name], { cwd: EXAMPLES, env });
  });
});
