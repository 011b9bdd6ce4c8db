import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CLIENT_NODE_OPTIONS } from '../../../src/runtime/node-variables.ts';

const MODULE = new URL('../../../src/cli/stop-compilers.ts', import.meta.url).href;
const STOP = `import { stopCompilers } from '${MODULE}'; stopCompilers();`;

/** Calls a function so often that V8 compiles it. @returns what V8 says of that, and of nothing that was before */
function compile(before: string, nodeOptions: readonly string[] = []): string {
  const script = `${before}
    process.getBuiltinModule('node:v8').setFlagsFromString('--trace-opt');
    function add(a, b) { return a + b; }
    let sum = 0;
    for (let index = 0; index < 3e6; index++) sum = add(sum, index);`;
  return execFileSync(process.execPath, [...nodeOptions, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
}

describe('a client whose host is open', () => {
  it('compiles nothing in other threads, which could hang its end', () => {
    expect(compile('')).toContain('mode: ConcurrencyMode::kConcurrent');
    expect(compile(STOP)).not.toContain('[compiling method');
  });

  it('compiles on the main thread where the launcher has started it', () => {
    const told = compile(STOP, CLIENT_NODE_OPTIONS);
    expect(told).toContain('mode: ConcurrencyMode::kSynchronous');
    expect(told).not.toContain('mode: ConcurrencyMode::kConcurrent');
  });

  it('keeps one listener, however often a host is opened', () => {
    const program = `${STOP} stopCompilers(); console.log(process.listenerCount('exit'));`;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(told).toBe('1\n');
  });
});
