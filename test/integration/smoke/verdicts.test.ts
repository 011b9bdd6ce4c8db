import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type RexaExit, runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder: string;

beforeAll(async () => {
  daemon = await startDaemon();
  folder = mkdtempSync(join(tmpdir(), 'rexa-smoke-'));
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a file of tests on the daemon of these tests. */
async function smoke(
  text: string,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RexaExit & { readonly lines: readonly string[] }> {
  const exit = await runRexa(['smoke', '-', '--host', daemon.address, ...words], {
    input: text,
    cwd: folder,
    env: { XDG_STATE_HOME: join(folder, 'state'), ...env },
  });
  return { ...exit, lines: exit.stdout.toString().split('\n') };
}

const SUMMARY = /^\d+ passed, \d+ failed, \d+ flaky, \d+ skipped$/;

describe('rexa smoke', () => {
  it('gives the verdicts of commander for each of its keys', async () => {
    const text = `
config:
  dir: ${JSON.stringify('/tmp')}
  env: {KEY: global, FROM: "\${OUTER}"}
tests:
  exit 1: {exit-code: 1}
  echo hello: {stdout: hello}
  '>&2 echo "error"': {stderr: error}
  printf "a\\nb": {stdout: {line-count: 2, lines: {1: a, 2: b}, not-contains: [c]}}
  pwd: {stdout: {exactly: /tmp}}
  env: {command: 'echo $KEY $FROM $OWN', config: {env: {KEY: own, OWN: x y}}, stdout: {exactly: own outer x y}}
  inherit: {command: 'echo $OUTER $USER', config: {inherit-env: true}, stdout: {exactly: outer someone}}
  clean: {command: 'echo "[$OUTER]"', stdout: {exactly: '[]'}}
  shell: {command: nosuch-command, exit-code: 127, stderr: '/bin/sh: 1: nosuch-command: not found'}
  json: {command: 'echo ''{"n": 1000000, "l": [1, 2]}''', stdout: {json: {n: 1e+06, l.#: 2}}}
  xml: {command: 'echo "<a><b>x</b></a>"', stdout: {xml: {//b: x}}}
  crlf: {command: 'printf "a\\r\\nb\\r\\n"', stdout: {exactly: "a\\nb"}}
  stdin: {command: cat, stdin: "some text", stdout: {exactly: some text}}
  argv: {argv: [printf, '%s|', 'a b', '', "c'd"], stdout: {exactly: "a b||c'd|"}}
  slow: {command: sleep 60, config: {timeout: 50ms}, outcome: timed-out}
  gbk: {command: 'printf "\\304\\343"', encoding: gbk, stdout: {exactly: 你, replaced: 0}}
  bytes: {command: 'printf "\\377\\001"', stdout: {size: 2, sha256: ${'0'.repeat(64)}}}
  killed: {command: 'kill -9 $$', signal: KILL}
`;
    const { status, lines } = await smoke(text, [], {
      OUTER: 'outer',
      USER: 'someone',
    });
    const failed = lines.slice(0, lines.indexOf('')).filter((line) => line.startsWith('✗'));
    // The SHA-256 is a wrong one
    expect(failed).toEqual([expect.stringContaining('bytes')]);
    expect([status, lines.at(-2)]).toEqual([1, '17 passed, 1 failed, 0 flaky, 0 skipped']);
  });

  it('exits with 0 only when a test ran, and ends with the summary each time', async () => {
    const rows: readonly (readonly [string, readonly string[], number])[] = [
      ['tests: {"true": }', [], 0],
      ['tests: {"false": }', [], 1],
      ['tests: {"true": {skip: true}}', [], 4],
    ];
    for (const [text, words, expected] of rows) {
      const { status, lines } = await smoke(text, words);
      expect([text, status, SUMMARY.test(lines.at(-2) ?? '')]).toEqual([text, expected, true]);
    }
    expect((await smoke('tests: {"true": }', ['--filter', 'x'])).status).toBe(4);
    expect((await smoke('tests: {"true": {exitcode: 1}}')).status).toBe(2);
  });

  it('tells a host that is not there apart, and runs the others to their end', async () => {
    const { status, stdout } = await smoke('tests: {"true": , echo a: }', [
      '--host',
      `unix:${folder}/nobody`,
    ]);
    const text = stdout.toString();
    expect(status).toBe(3);
    expect(text).toContain(`✓ [${daemon.address}] true`);
    expect(text.match(/outcome: unreachable/g)).toHaveLength(2);
    expect(text).toContain('2 passed, 2 failed, 0 flaky, 0 skipped\n');
  });

  it('runs one test alone again by the line that it gives', async () => {
    const text = 'tests: {"a (b)": {command: "false"}, "a b": {command: "false"}}';
    const file = join(folder, 'again.yaml');
    writeFileSync(file, text);
    const first = await runRexa(['smoke', file, '--host', daemon.address]);
    const line = /run it again: (rexa .*)/.exec(first.stdout.toString())?.[1] ?? '';
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const again = await runRexa(words.slice(1));
    expect(again.stdout.toString()).toContain('0 passed, 1 failed, 0 flaky, 0 skipped\n');
  });

  it('writes several reports at once, and leaves stdout to the one that has no file', async () => {
    const names = ['junit', 'tap', 'json', 'markdown', 'github'];
    const reports = names.flatMap((kind) => ['--report', `${kind}=out/${kind}`]);
    const { stdout, stderr, status } = await smoke('tests: {"true": , "false": }', [
      ...reports,
      '--report',
      'json',
    ]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout.toString())).toMatchObject({ v: 1, exitStatus: 1, summary: { total: 2 } });
    expect(stderr).toMatch(/\n1 passed, 1 failed, 0 flaky, 0 skipped\n$/);
    for (const kind of names)
      expect(readFileSync(join(folder, 'out', kind), 'utf8').length).toBeGreaterThan(50);
  });

  it('runs again what failed the last time', async () => {
    const file = join(folder, 'last.yaml');
    writeFileSync(file, 'tests: {"true": , "test -e flag": }');
    const call = (...words: readonly string[]): Promise<RexaExit> =>
      runRexa(['smoke', file, '--host', daemon.address, ...words], {
        env: { XDG_STATE_HOME: join(folder, 'state') },
      });
    expect((await call()).status).toBe(1);
    expect((await call('--rerun-failed')).stdout.toString()).toContain('0 passed, 1 failed');
    writeFileSync(file, 'tests: {"true": , "test -e flag": {exit-code: 1}}');
    expect((await call('--rerun-failed')).stdout.toString()).toContain('1 passed, 0 failed');
    expect((await call('--rerun-failed')).status).toBe(4);
  });

  it('shows no secret in any output or report', async () => {
    const text = `
secrets: [TOKEN, PIN]
config: {env: {PIN: hunter3}}
tests:
  leak: {command: 'echo $TOKEN $PIN; echo $TOKEN >&2; false', config: {env: {TOKEN: "\${TOKEN}"}}, stdout: {exactly: x}}
  hunter2: {skip: true}
`;
    const kinds = ['junit', 'tap', 'json', 'markdown', 'github'];
    const reports = kinds.flatMap((kind) => ['--report', `${kind}=secret/${kind}`]);
    const { stdout, stderr } = await smoke(text, [...reports, '--show', 'all'], { TOKEN: 'hunter2' });
    const all = [
      stdout.toString(),
      stderr,
      ...kinds.map((kind) => readFileSync(join(folder, 'secret', kind), 'utf8')),
    ];
    for (const each of all) expect(each).not.toMatch(/hunter/);
    expect(all[0]).toContain('*** ***');
  });

  it('writes snapshots when it is told so, and compares with them else', async () => {
    mkdirSync(join(folder, 'snapped'), { recursive: true });
    const file = join(folder, 'snapped', 'snap.yaml');
    writeFileSync(file, 'tests: {"mktemp -u; date +%FT%TZ": {stdout: {snapshot: kept/one.snap}}}');
    const call = async (...words: readonly string[]): Promise<unknown> =>
      (await runRexa(['smoke', file, '--host', daemon.address, ...words])).status;
    expect([await call(), await call('--update-snapshots'), await call()]).toEqual([1, 0, 0]);
    expect(readFileSync(join(folder, 'snapped', 'kept', 'one.snap'), 'utf8')).toBe('<tmp>\n<time>\n');
  });

  it('ends what runs at Ctrl-C, tears down, writes its reports and exits with 130', async () => {
    const file = join(folder, 'long.yaml');
    const marks = join(folder, 'marks');
    writeFileSync(
      file,
      `teardown: echo torn >>${marks}\ntests:\n  a: {command: 'echo begun >>${marks}; sleep 600'}\n  b: {command: "true"}\n`,
    );
    const first = 'tests: {"true": }';
    writeFileSync(join(folder, 'first.yaml'), first);
    const words = [
      'smoke',
      join(folder, 'first.yaml'),
      file,
      '--host',
      daemon.address,
      '--report',
      `tap=${folder}/tap`,
    ];
    const rexa = startRexa(words);
    await rexa.untilStdout('✓');
    // The second file is begun behind the first
    await waitUntil('the test runs', () => existsWith(marks, 'begun'));
    rexa.child.kill('SIGINT');
    const { status, stdout } = await rexa.exit;
    expect(status).toBe(130);
    expect(stdout.toString()).toContain('1 passed, 1 failed, 0 flaky, 1 skipped\n');
    expect(readFileSync(marks, 'utf8')).toBe('begun\ntorn\n');
    expect(readFileSync(join(folder, 'tap'), 'utf8')).toContain('was interrupted');
  });
});

function existsWith(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes(text);
  } catch {
    return false;
  }
}

describe('rexa smoke record', () => {
  it('writes a test that passes, whatever the exit status, and adds to a file that is there', async () => {
    const file = join(folder, 'recorded.yaml');
    writeFileSync(file, '# mine\ntests:\n  old: {command: "true"} # stays\n');
    const record = (...words: readonly string[]): Promise<RexaExit> =>
      runRexa(['smoke', 'record', '-o', file, daemon.address, '--', ...words]);
    expect((await record('sh', '-c', "printf '  a\\tb\\n\\001 é'; echo bad >&2; exit 7")).status).toBe(0);
    expect((await record('sh', '-c', 'kill -9 $$')).status).toBe(0);
    expect((await record('sh', '-c', 'kill -9 $$')).status).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# mine\n');
    expect(text).toContain('# stays');
    const { status, stdout } = await runRexa(['smoke', file]);
    expect([status, stdout.toString().split('\n').at(-2)]).toEqual([
      0,
      '4 passed, 0 failed, 0 flaky, 0 skipped',
    ]);
  });

  it('writes to stdout without a file, and nothing when the host is not there', async () => {
    const { status, stdout } = await runRexa(['smoke', 'record', daemon.address, '--', 'echo', 'hi']);
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(
      /^# yaml-language-server: .*\ntests:\n {2}echo hi:\n {4}argv: \[ echo, hi \]\n/,
    );
    const none = await runRexa(['smoke', 'record', `unix:${folder}/nobody`, '--', 'true']);
    expect([none.status, none.stdout.toString()]).toEqual([3, '']);
  });
});

describe('rexa smoke check, list and explain', () => {
  it('say what is in a file without running it', async () => {
    const file = join(folder, 'shown.yaml');
    writeFileSync(file, 'tests:\n  touch ran: {tags: [x], needs: b, stdout: {contains: [hello]}}\n  b:\n');
    const call = async (action: string): Promise<string> =>
      (await runRexa(['smoke', action, file], { cwd: folder })).stdout.toString();
    expect(await call('check')).toBe(`${file}: 2 tests, no mistakes\n`);
    expect(await call('list')).toBe(`${file}:3 [local] b\n${file}:2 [local] touch ran (x)\n`);
    expect(await call('explain')).toContain('  passes if stdout contains "hello"\n');
    expect(existsWith(join(folder, 'ran'), '')).toBe(false);
  });

  it('say what is wrong with each file', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'tests:\n  t: {exitcode: 1}\n');
    const { status, stderr } = await runRexa(['smoke', 'check', 'bad.yaml', 'missing.yaml'], { cwd: folder });
    expect(status).toBe(2);
    expect(stderr).toBe(
      'rexa: bad.yaml:2:7: unknown key exitcode; did you mean exit-code?\n' +
        'rexa: missing.yaml:1:1: there is no such file\n',
    );
  });
});
