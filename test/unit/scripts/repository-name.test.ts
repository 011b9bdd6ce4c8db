import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FILES = globSync(
  ['*.md', 'action.yml', 'docs/*.md', 'examples/**/*', '.github/**/*.{yml,md}', 'package.json'],
  { cwd: ROOT },
);

function read(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}

/** Where the project is, by package.json alone. */
const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } };
const OWNER_AND_NAME = /github\.com\/(.+)\.git$/.exec(repository.url)?.[1];

describe('the name of the repository', () => {
  it('is the same wherever it is written', () => {
    const names = FILES.filter((file) => /\.\w+$/.test(file)).flatMap((file) =>
      [...read(file).matchAll(/(?:github\.com\/|uses: )([\w-]+\/rexa)\b/g)].map(([, name]) => [file, name]),
    );
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter(([, name]) => name !== OWNER_AND_NAME)).toEqual([]);
  });
});

describe('a workflow', () => {
  it.each(FILES.filter((file) => file.startsWith('.github/') && file.endsWith('.yml')))(
    '%s can be read, and runs only scripts of package.json',
    (file) => {
      const text = read(file);
      expect(parse(text)).toBeTypeOf('object');
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
      const called = [...text.matchAll(/npm (?:run )?(test(?::\w+)?|check|build)\b/g)].map(
        ([, name]) => name,
      );
      expect(called.filter((name = '') => scripts[name] === undefined)).toEqual([]);
    },
  );
});
