import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import type { TerminalRequest } from '../../../src/process/system/system-calls.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type RexaOnTerminal, startRexaOnTerminal } from '../../fixtures/local-pty.ts';

let daemon: TestDaemon;
let host: Host;
beforeAll(async () => {
  daemon = await startDaemon({ env: { LANG: 'C.UTF-8', LC_ALL: undefined } });
  host = await connect(daemon.address);
});
afterAll(async () => {
  await host.close();
  await daemon[Symbol.asyncDispose]();
});

const PLAIN: TerminalRequest = { columns: 80, rows: 24, isUtf8: true };
/** Columns, rows and pixels, as the kernel tells them. */
const SIZE = [
  'import fcntl, signal, struct, termios',
  // A handler that prints could interrupt one that does
  'signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])',
  'while True:',
  '    print("size", *struct.unpack("4H", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))), flush=True)',
  '    signal.sigwait([signal.SIGWINCH])',
].join('\n');

/** What a client has shown until it fits. */
async function readUntil({ screen }: RexaOnTerminal, expected: RegExp): Promise<RegExpExecArray> {
  let text = '';
  let cause: unknown;
  try {
    for await (const chunk of screen.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      const found = expected.exec(text);
      if (found !== null) return found;
    }
  } catch (error) {
    // The client has left its terminal
    cause = error;
  }
  throw new Error(`the client has shown only ${JSON.stringify(text)}`, { cause });
}

/** What `stty -a` says on the host to a client on such a terminal. */
async function askStty(
  terminal: TerminalRequest,
  words: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const rexa = await startRexaOnTerminal(
    [
      'run',
      '-t',
      ...words,
      daemon.address,
      '--',
      'sh',
      '-c',
      'stty -a | tr "\\n" " "; echo whole; read wait',
    ],
    { terminal, env },
  );
  try {
    const [, said = ''] = await readUntil(rexa, /([\s\S]*)whole/);
    return said.replaceAll(/\s+/g, ' ');
  } finally {
    rexa.child.kill('SIGKILL');
    await rexa.exited;
    rexa.close();
  }
}

describe('a terminal of the host', () => {
  it('has the size in pixels of ours, at first and after each change', async () => {
    const rexa = await startRexaOnTerminal(['run', '-t', daemon.address, '--', 'python3', '-c', SIZE], {
      terminal: { ...PLAIN, widthPixels: 1280, heightPixels: 960 },
    });
    try {
      await readUntil(rexa, /size 24 80 1280 960\b/);
      rexa.resize({ columns: 100, rows: 30, widthPixels: 1600, heightPixels: 1200 });
      await readUntil(rexa, /size 30 100 1600 1200\b/);
      // A zoom changes the pixels alone
      rexa.resize({ columns: 100, rows: 30, widthPixels: 3200, heightPixels: 2400 });
      await readUntil(rexa, /size 30 100 3200 2400\b/);
    } finally {
      rexa.child.kill('SIGKILL');
      await rexa.exited;
      rexa.close();
    }
  });

  it.each<[what: string, modes: Record<string, number>, shown: RegExp[]]>([
    ['erase', { 3: 8 }, [/ erase = \^H;/]],
    ['erase by a byte beyond ASCII', { 3: 0xe9 }, [/ erase = M-i;/]],
    [
      'the other characters',
      { 1: 0x18, 2: 0x07, 4: 0x0b, 5: 0x1a, 8: 0x01, 9: 0x02, 10: 0x19, 12: 0x05, 13: 0x06, 14: 0x0e },
      [
        / intr = \^X; quit = \^G;/,
        / kill = \^K; eof = \^Z;/,
        / start = \^A; stop = \^B; susp = \^Y; rprnt = \^E; werase = \^F; lnext = \^N;/,
      ],
    ],
    ['characters that are off', { 1: 255, 10: 255 }, [/ intr = <undef>;/, / susp = <undef>;/]],
    ['a second end of line', { 6: 0x3b, 7: 0x2c }, [/ eol = ;; eol2 = ,;/]],
    ['flow control that is off', { 38: 0 }, [/ -ixon /]],
    ['flow control that any key ends', { 38: 1, 39: 1, 40: 1 }, [/ ixon ixoff /, / ixany /]],
    ['lines of CR', { 34: 1, 36: 0, 73: 1 }, [/ inlcr /, / -icrnl /, / ocrnl /]],
    ['a keyboard of bytes', { 42: 0 }, [/ -iutf8 /]],
    [
      'the rest',
      { 41: 0, 57: 1, 58: 1, 60: 0, 61: 0 },
      [/ -imaxbel /, / noflsh /, / tostop /, / -echoctl /, / -echoke /],
    ],
  ])('has ours: %s', async (_what, modes, shown) => {
    const said = await askStty({ ...PLAIN, modes });
    for (const each of shown) expect(said).toMatch(each);
  });

  it('is a new one in all that ours has not changed', async () => {
    expect(await askStty(PLAIN)).toMatch(/ intr = \^C; quit = \^\\; erase = \^\?; .* icanon .* echo /);
  });

  it('keeps bytes apart where its charset is not UTF-8, whatever ours does', async () => {
    expect(await askStty({ ...PLAIN, modes: { 3: 8 } }, ['--encoding', 'gbk'])).toMatch(
      / erase = \^H;.* -iutf8 /,
    );
  });

  it('has our modes where the client has no koffi', async () => {
    const hooks = join(daemon.folder, 'no-koffi.mjs');
    writeFileSync(
      hooks,
      `import { registerHooks } from 'node:module';
       registerHooks({ resolve(name, context, next) {
         if (name === 'koffi') throw new Error('there is none');
         return next(name, context);
       } });`,
    );
    const env = { NODE_OPTIONS: `--import ${hooks}` };
    expect(await askStty({ ...PLAIN, modes: { 3: 8, 38: 0 } }, [], env)).toMatch(/ erase = \^H;.* -ixon /);
  });

  it('takes its own character for the end of a stdin that ends', async () => {
    const terminal = { columns: 80, rows: 24, modes: { 5: 0x05 } };
    const { stdout, exitCode } = await host.run('cat', ['-A'], { terminal, input: 'abc\n' });
    expect([stdout.replace('^E\b\b', ''), exitCode]).toEqual(['abc\r\nabc$\r\n', 0]);
  });
});

describe('a request for a terminal', () => {
  it('may hold modes that the host does not know', async () => {
    const terminal = { columns: 80, rows: 24, modes: { 3: 8, 99: 5, 159: 2 ** 32 - 1 } };
    const { stdout } = await host.run('stty', ['-a'], { terminal });
    expect(stdout).toContain('erase = ^H;');
  });

  it.each<[what: string, modes: Record<string, number>]>([
    ['an opcode without an argument', { 160: 1 }],
    ['a name', { erase: 8 }],
    ['a negative number', { 3: -1 }],
    ['a fraction', { 3: 1.5 }],
  ])('is refused with modes of another shape: %s', async (_what, modes) => {
    const terminal = { columns: 80, rows: 24, modes };
    const { outcome, code } = await host.run('true', [], { terminal, reject: false });
    expect([outcome, code]).toEqual(['not-started', 'REQUEST_WRONG_SHAPE']);
  });

  it.each([-1, 0.5, 65_536])('is refused with a width of %s pixels', async (widthPixels) => {
    const terminal = { columns: 80, rows: 24, widthPixels };
    const { outcome, code } = await host.run('true', [], { terminal, reject: false });
    expect([outcome, code]).toEqual(['not-started', 'USAGE']);
  });
});
