import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { startRexaOnTerminal } from '../../fixtures/local-pty.ts';
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

async function smoke(
  text: string,
  words: readonly string[] = [],
): Promise<RexaExit & { readonly text: string }> {
  const exit = await runRexa(['smoke', '-', '--host', daemon.address, ...words], {
    input: text,
    cwd: folder,
    env: { XDG_STATE_HOME: join(folder, 'state'), PASSWORD: 'hunter2' },
  });
  return { ...exit, text: exit.stdout.toString() };
}

/** Asks for a name and a password, and greets. */
const GREETER =
  'printf "Name: "; read -r name; stty -echo; printf "Password: "; read -r word; stty echo; echo; echo "Hello $name, $(expr length "$word")"';

describe('rexa smoke on a terminal', () => {
  it('types, presses keys and judges the screen of prompts, cat, less and vim', async () => {
    const { status, text } = await smoke(
      `
tests:
  prompts:
    argv: [sh, -c, ${JSON.stringify(GREETER)}]
    terminal:
      - expect: 'Name:'
      - send: Ada
      - key: Enter
      - expect: /^Password:$/
      - send: {env: PASSWORD}
      - key: Enter
      - screen: {contains: [Hello Ada], not-contains: hunter2, lines: {1: 'Name: Ada'}}
    stdout: Hello Ada, 7
  echo:
    command: cat
    terminal:
      - send: héllo 漢字
      - key: [BSpace, Enter, C-d]
    stdout: {exactly: "héllo 漢\\nhéllo 漢"}
  less:
    command: seq 100 | less
    terminal:
      columns: 40
      rows: 5
      steps:
        - expect: ':'
        - screen: {exactly: "1\\n2\\n3\\n4\\n:"}
        - key: [Down, Down]
        - expect: /^6$/
        - key: q
  resized:
    command: until [ "$(stty size)" = "8 40" ]; do sleep 0.05; done; echo resized
    terminal: [{resize: {columns: 40, rows: 8}}]
    stdout: {exactly: resized}
  vim:
    argv: [vim, -N, -u, NONE, -i, NONE, -n, ${JSON.stringify(join('FOLDER', 'file'))}]
    terminal:
      - expect: /^~$/
      - send: i
      - send: one
      - key: [Enter, t, w, Left, Left, o, Escape]
      - expect: /^otw$/
      - send: ':x'
      - key: Enter
    exit-code: 0
`.replaceAll('FOLDER', folder),
    );
    expect([text, status]).toEqual([expect.stringContaining('5 passed, 0 failed'), 0]);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('one\notw\n');
  });

  it('shows the screen where a step fails, without secrets, and tries the test again', async () => {
    const { status, text } = await smoke(
      `
secrets: [PASSWORD]
tests:
  waits for ever:
    command: cat
    config: {retries: 2}
    terminal:
      wait: 5s
      steps:
        - send: {env: PASSWORD}
        - expect: /hunter\\d$/
        - screen: {lines: {1: another}, snapshot: none.txt}
  ends too early:
    command: echo bye; exit 3
    terminal: [{expect: bye}, {expect: never}, {send: x}]
  is too narrow:
    command: cat
    terminal: {columns: 4, wait: 5s, steps: [{send: {env: PASSWORD}}, {screen: {exactly: another, lines: {2: x}}}]}
  is left running:
    command: cat
    terminal: {wait: 5s, steps: [{send: left}, {expect: left}]}
  is hung up on purpose:
    command: cat
    outcome: canceled
    terminal: [{send: shown}, {expect: shown}]
    stdout: {exactly: shown}
  is cut off:
    command: echo slow; sleep 60
    config: {timeout: 300ms}
    terminal: [{expect: slow}, {expect: never}]
`,
      ['--parallel', '6'],
    );
    expect(status).toBe(1);
    expect(text).toContain('terminal step 3, screen.lines: has another line 1 (waited for 5 s)');
    expect(text).toContain('terminal step 3, screen.snapshot: there is no snapshot none.txt');
    expect(text).toContain('waits for ever, retries 2');
    expect(text).toMatch(/stdout \(1 line\):\n {4}\*{3}\n/);
    expect(text).not.toMatch(/hunt|er2/);
    expect(text).toContain(
      'terminal step 2, expect.contains: does not contain "never" (the command has ended)',
    );
    expect(text).toContain('exit-code: it is 3, not 0');
    expect(text).toContain('terminal: the command still runs behind the last step');
    expect(text).toContain(`✓ [${daemon.address}] is hung up on purpose`);
    expect(text).toContain('1 passed, 5 failed, 0 flaky, 0 skipped');
  });

  it('writes a screen as a snapshot once it stays as it is, and compares it', async () => {
    const text = `
tests:
  less:
    command: seq 50 | less
    terminal: [{screen: {snapshot: less.txt}}, {key: q}]
`;
    expect((await smoke(text, ['--update-snapshots'])).status).toBe(0);
    expect(readFileSync(join(folder, 'less.txt'), 'utf8')).toMatch(/^1\n[\s\d]*\n23\n:\n$/);
    expect((await smoke(text)).status).toBe(0);
  });

  it('is ended by Ctrl-C: the command and its tree, then the teardowns and the reports', async () => {
    const [started, torn, junit] = ['started', 'torn', 'interrupted.xml'].map((name) => join(folder, name));
    const file = join(folder, 'interrupted.yaml');
    writeFileSync(
      file,
      `
tests:
  a waits for its screen:
    command: trap '' HUP INT; sleep 4321 & echo "$$ $!" >${started}; echo ready; cat
    terminal: {wait: 10m, steps: [{expect: ready}, {expect: never}]}
    teardown: echo of the test >>${torn}
  b comes later:
    command: "true"
teardown: echo of the file >>${torn}
`,
    );
    const words = ['smoke', file, '--host', daemon.address, '--report', `junit=${junit}`];
    const rexa = startRexa(words, { env: { XDG_STATE_HOME: join(folder, 'state') } });
    await waitUntil(
      'the test waits',
      () => existsSync(`${started}`) && readFileSync(`${started}`).length > 2,
    );
    rexa.child.kill('SIGINT');
    const { status, stdout } = await rexa.exit;
    expect([status, stdout.toString()]).toEqual([
      130,
      expect.stringContaining('0 passed, 1 failed, 0 flaky, 1 skipped'),
    ]);
    expect(readFileSync(`${torn}`, 'utf8')).toBe('of the test\nof the file\n');
    expect(readFileSync(`${junit}`, 'utf8')).toMatch(/tests="2" failures="1".*outcome: canceled/s);
    const pids = readFileSync(`${started}`, 'utf8').trim().split(' ').map(Number);
    await waitUntil('what ran has ended', () => pids.every((pid) => !isAlive(pid)));
  });

  it('records what a person does on their terminal as a test that passes', async () => {
    const file = join(folder, 'recorded.yaml');
    const words = ['smoke', 'record', '--terminal', '-o', file, daemon.address, '--', 'sh', '-c', GREETER];
    const rexa = await startRexaOnTerminal(words);
    let shown = '';
    rexa.screen.on('data', (bytes: Buffer) => {
      shown += bytes.toString();
    });
    await waitUntil('it asks for a name', () => shown.includes('Name: '));
    rexa.type('Axa\x7f\x7fda\r');
    await waitUntil('it asks for a password', () => shown.includes('Password: '));
    rexa.type('four\r');
    expect(await rexa.exited).toBe(0);
    rexa.close();
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('- expect: "Name:"');
    expect(text).toMatch(/- send: Axa\n\s+- (?:expect: .*\n\s+- )?key:\n\s+- BSpace\n\s+- BSpace\n/);
    expect(text).toMatch(/- screen:\n\s+exactly: \|-\n\s+Name: Ada\n\s+Password:\n\s+Hello Ada, 4\n/);
    const again = await runRexa(['smoke', file]);
    expect([again.stdout.toString(), again.status]).toEqual([
      expect.stringContaining('1 passed, 0 failed'),
      0,
    ]);
  });
});
