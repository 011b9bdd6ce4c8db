import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMask, findSecrets } from '../../../../src/cli/smoke/run/mask.ts';
import { readText } from '../../../fixtures/smoke-suite.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the value of a secret', () => {
  it.each([
    ['the file', 'secrets: TOKEN\ntests: {t: {config: {env: {TOKEN: hunter2}}}}\n'],
    ['its config', 'config: {secrets: TOKEN, env: {TOKEN: hunter2}}\ntests: {t: }\n'],
    ['a test', 'tests: {t: {config: {env: {TOKEN: hunter2}, secrets: [TOKEN]}}}\n'],
    [
      'a test beside the config of the file',
      'config: {secrets: A}\ntests: {t: {config: {env: {TOKEN: hunter2}, secrets: TOKEN}}}\n',
    ],
    [
      'a step of the file',
      'setup: {command: a, config: {env: {TOKEN: hunter2}, secrets: TOKEN}}\ntests: {t: }\n',
    ],
    [
      'a step of a test',
      'tests: {t: {teardown: {command: a, config: {env: {TOKEN: hunter2}, secrets: TOKEN}}}}\n',
    ],
    ['a check', 'file: {/etc/passwd: {exists: true, config: {env: {TOKEN: hunter2}, secrets: TOKEN}}}\n'],
    ['a value of this process', 'tests: {t: {config: {env: {TOKEN: $FROM_CI}, secrets: [TOKEN]}}}\n'],
  ])('is masked everywhere when it is named by %s', async (_where, text) => {
    vi.stubEnv('FROM_CI', 'hunter2');
    vi.stubEnv('A', 'other');
    const mask = createMask(findSecrets([await readText(text)]));
    expect(mask('is hunter2.')).toBe('is ***.');
  });
});
