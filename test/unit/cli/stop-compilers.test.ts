import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../src/cli/stop-compilers.ts', import.meta.url).href;

/** Calls a function so often that V8 compiles it. @returns what V8 says of that */
function compile(before: string): string {
  const script = `${before}
    function add(a, b) { return a + b; }
    let sum = 0;
    for (let index = 0; index < 3e6; index++) sum = add(sum, index);`;
  return execFileSync(process.execPath, ['--trace-opt', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
}

describe('a client whose host is open', () => {
  it('has nothing compiled on other threads any more, which could hang its end', () => {
    const stop = `import { stopCompilers } from '${MODULE}'; stopCompilers();`;
    expect(compile('')).toContain('ConcurrencyMode::kConcurrent');
    expect(compile(stop)).not.toContain('[compiling method');
  });
});
