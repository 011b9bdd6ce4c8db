import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type DropIn, hasProgram, startDropIn } from '../../fixtures/drop-in.ts';
import { frame } from '../../fixtures/raw-peer.ts';
import { runRexaRaw } from '../../fixtures/raw-words.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

/** Every byte that a word can have. */
const ALL_BYTES = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1)).toString('latin1');

let daemon: TestDaemon;
let gbk: TestDaemon;
let folder = '';
let audit = '';
beforeAll(async () => {
  audit = join(mkdtempSync(join(tmpdir(), 'rexa-audit-')), 'audit');
  daemon = await startDaemon({ words: ['--audit', audit], env: { LANG: undefined, LC_ALL: undefined } });
  gbk = await startDaemon({ words: ['--encoding', 'gbk'] });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-bytes-'));
  return () => rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await gbk[Symbol.asyncDispose]();
});

/** What a call printed, one character for each byte; it must not fail. */
async function print(
  words: readonly string[],
  more: { env?: Readonly<Record<string, string>>; input?: Uint8Array } = {},
): Promise<string> {
  const { status, stdout, stderr } = await runRexaRaw({ words, ...more });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.toString('latin1');
}

const raw = (...words: readonly string[]): readonly string[] => ['run', '--encoding', 'binary', ...words];

describe('bytes that are no text in our charset reach the command as they are', () => {
  it.each<[string, readonly string[], string]>([
    ['two of GBK', ['printf', '%s', '\xc4\xe3'], '\xc4\xe3'],
    ['every byte', ['printf', '%s', ALL_BYTES], ALL_BYTES],
    [
      'halves of characters, in several arguments',
      ['printf', '%s,', '\xe4\xbd', '\xa0', '\xf0\x9f'],
      '\xe4\xbd,\xa0,\xf0\x9f,',
    ],
    ['empty arguments beside them', ['printf', '[%s]', '', '\xff', '', ''], '[][\xff][][]'],
    ['what looks like an option', ['printf', '%s,', '--env', '-n\xff', '--'], '--env,-n\xff,--,'],
    ['the character U+FFFD beside a bad byte', ['printf', '%s', '\xef\xbf\xbd\xff'], '\xef\xbf\xbd\xff'],
    ['a huge argument', ['sh', '-c', 'printf %s "$1" | cksum', 'sh', '\xe9'.repeat(130_000)], ''],
  ])('as arguments: %s', async (_, words, expected) => {
    const [said, again] = [
      await print(raw(daemon.address, '--', ...words)),
      await print(raw(gbk.address, '--', ...words)),
    ];
    expect(again).toBe(said);
    if (expected !== '') expect(said).toBe(expected);
    else expect(said).toMatch(/ 130000\n$/);
  });

  it('as the program, the folder, a variable and a line', async () => {
    mkdirSync(Buffer.from(`${folder}/f\xe9`, 'latin1'));
    writeFileSync(Buffer.from(`${folder}/f\xe9/p\xff`, 'latin1'), '#!/bin/sh\nprintf %s "$0 $V"; pwd\n', {
      mode: 0o755,
    });
    const place = ['--cwd', `${folder}/f\xe9`, '--env', 'V=\xfe'];
    expect(await print(raw(...place, daemon.address, '--', './p\xff'))).toBe(`./p\xff \xfe${folder}/f\xe9\n`);
    expect(await print(raw(...place, daemon.address, '-c', 'printf "\xfd$V"'))).toBe('\xfd\xfe');
  });

  it('to a job too, whose id is another one with other bytes, and is shown without loss', async () => {
    const id = `bytes-${Date.now()}`;
    const job = (word: string) => raw('--id', id, daemon.address, '--', 'printf', '%s', word);
    expect(await print(job('\xff'))).toBe('\xff');
    const repeated = await runRexaRaw({ words: job('\xff') });
    expect([repeated.status, repeated.stdout.toString('latin1')]).toEqual([0, '\xff']);
    expect(await runRexaRaw({ words: job('\xfe') })).toMatchObject({ status: 125 });
    const { jobs } = JSON.parse(await print(['jobs', '--json', daemon.address])) as {
      jobs: { id: string }[];
    };
    expect(jobs.find((each) => each.id === id)).toMatchObject({
      command: { argv: ['printf', '%s', { hex: 'ff' }] },
    });
    expect(await print(['jobs', daemon.address])).toContain('printf %s \\xff');
    const detached = (await print(['run', '--detach', daemon.address, '-c', 'printf "\xff\xe9"'])).trim();
    await runRexa(['wait', daemon.address, detached]);
    expect(await print(['logs', '--encoding', 'binary', daemon.address, detached])).toBe('\xff\xe9');
    const records = readFileSync(audit, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as object);
    expect(records).toContainEqual(
      expect.objectContaining({ id, command: { argv: ['printf', '%s', { hex: 'fe' }] } }),
    );
  });

  it.each(['bash', 'sh'])('as lines of a script in the line shell, by %s', async (shell) => {
    const bash = shell === 'bash' ? [] : ['--encoding', 'utf8'];
    const script = `X='\xe9 \xe4\xbd\xa0'\nprintf '%s\xff' "$X" |\n od -An -tx1\n: \xe2\x80\xa8 one line\necho ${'\xc3'.repeat(70_000)} | wc -c\n`;
    const said = await print(['shell', '--line', ...bash, daemon.address], {
      input: Buffer.from(script, 'latin1'),
    });
    expect(said).toBe(' e9 20 e4 bd a0 ff\n70001\n');
  });

  it('of the drop-in: words that are joined, RemoteCommand, SetEnv and SendEnv', async () => {
    const { address } = daemon;
    expect(await print(['ssh', address, 'printf', '%s', '"\xff\xe9"'])).toBe('\xff\xe9');
    expect(await print([address, 'printf %s', '\xc3\xa9\xe9'])).toBe('\xc3\xa9\xe9');
    expect(await print(['ssh', '-o', 'RemoteCommand=printf "\xfc"', address])).toBe('\xfc');
    const variables = ['-o', 'SetEnv=A=\xff B="\xfe x"', '-o', 'SendEnv=C_*'];
    const env = { C_1: '\xfd', C_2: '\xe4\xbd\xa0' };
    expect(await print(['ssh', ...variables, address, 'printf %s "$A$B$C_1$C_2"'], { env })).toBe(
      '\xff\xfe x\xfd\xe4\xbd\xa0',
    );
  });

  it('of the drop-in behind -f, where another process passes them on', async () => {
    const words = [
      'ssh',
      '-f',
      '-o',
      'SendEnv=C',
      daemon.address,
      `printf '%s' "\xff$C" >${folder}/out; mv ${folder}/out ${folder}/done`,
    ];
    expect(await runRexaRaw({ words, env: { C: '\xfe' } })).toMatchObject({ status: 0 });
    await waitUntil('the command has run', () => existsSync(join(folder, 'done')));
    expect(readFileSync(join(folder, 'done')).toString('latin1')).toBe('\xff\xfe');
  });

  it('while text in a locale of another charset is transcoded', async () => {
    spawnSync('localedef', ['-c', '-i', 'zh_CN', '-f', 'GBK', join(folder, 'zh_CN.GBK')]);
    const env = { LOCPATH: folder, LC_ALL: 'zh_CN.GBK' };
    const line = 'printf %s, "$@" | od -An -tx1';
    const words = ['run', daemon.address, '--', 'sh', '-c', line, 'sh', '\xc4\xe3', '\xc4'];
    expect(await print(words, { env })).toBe(' e4 bd a0 2c c4 2c\n');
  });
});

describe('bytes where only rexa itself reads them', () => {
  it.each<[string, readonly string[], string]>([
    ['a host', ['run', 'h\xff', '--', 'x'], "'h\\xff' is not valid UTF-8"],
    ['an id', ['run', '--id', 'a\xff', 'local', 'x'], "--id: 'a\\xff' is not valid UTF-8"],
    ['a job', ['kill', 'local', 'j\xff'], "'j\\xff' is not valid UTF-8"],
    ['jobs to forget', ['jobs', 'prune', 'local', 'j\xff'], "'j\\xff' is not valid UTF-8"],
    ['an encoding', ['run', '--encoding', '\xff', 'local', 'x'], "--encoding: '\\xff' is not valid UTF-8"],
    [
      'the name of a variable',
      ['run', '--env', 'N\xff=1', 'local', 'x'],
      "--env: the name of the variable 'N\\xff'",
    ],
    ['a keyword of ssh', ['ssh', '-o', 'User=\xff', 'local', 'x'], "-o User: '\\xff' is not valid UTF-8"],
    ['an option', ['run', '--x\xff', 'local'], 'unknown option --x\\xff'],
  ])('are refused and shown: %s', async (_, words, said) => {
    const { status, stderr } = await runRexaRaw({ words });
    expect([status, stderr]).toEqual([words[0] === 'ssh' ? 255 : 125, expect.stringContaining(said)]);
  });

  it('are refused by a Ready/Start peer, whose wire is UTF-8', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { status, stderr } = await runRexaRaw({
      words: ['run', `ready://127.0.0.1:${port}`, '-c', '\xff'],
    });
    server.close();
    expect([status, stderr]).toEqual([125, expect.stringContaining('not valid UTF-8')]);
  });
});

describe('the library', () => {
  it('takes bytes as the program, arguments, folder, variables and line, on a host of any charset', async () => {
    const place = Buffer.from(`${folder}/\xe9`, 'latin1');
    mkdirSync(place);
    for (const { address } of [daemon, gbk]) {
      await using host = await connect(address);
      const options = { encoding: 'binary', cwd: place, env: { V: Buffer.of(0xfe) } } as const;
      const words = ['-c', 'printf "%s " "$1" "$V"; pwd', 'sh', Buffer.from('é\xff')];
      const { stdout } = await host.run(Buffer.from('/bin/sh'), words, options);
      expect(Buffer.from(stdout).toString('latin1')).toBe(`\xc3\xa9\xc3\xbf \xfe ${folder}/\xe9\n`);
      const line = await host.run(Buffer.from('printf "\xff"', 'latin1'), [], { ...options, shell: true });
      expect([...line.stdout]).toEqual([0xff]);
    }
  });

  it('sends bytes that happen to be text as bytes, and text as text', async () => {
    await using host = await connect(gbk.address);
    const { stdout } = await host.run('printf', ['%s,%s', Buffer.from('你'), '你'], {
      encoding: 'binary',
      inputEncoding: 'gbk',
    });
    expect(Buffer.from(stdout).toString('hex')).toBe('e4bda02cc4e3');
  });

  it.each<[string, object]>([
    ['argument 2', { args: ['a', Buffer.from('x\0y')] }],
    ['the working directory', { cwd: Buffer.from('/\0') }],
    ['the environment variable V', { env: { V: Buffer.from('\0') } }],
  ])(
    'is told of a NUL in %s',
    async (what, { args = [], ...options }: { args?: (string | Uint8Array)[] }) => {
      await using host = await connect(daemon.address);
      const { outcome, reason } = await host.run('true', args, { ...options, reject: false });
      expect([outcome, reason]).toEqual([
        expect.stringMatching(/not-started|denied/),
        expect.stringContaining(what),
      ]);
    },
  );
});

describe('a daemon of before', () => {
  it('is named where it can be given no bytes, and nothing is run', async () => {
    const path = join(folder, 'old.sock');
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write(frame(0x01, 0, { protocol: 1, agent: 'rexad/0.0.9', features: [], encoding: 'utf8' }));
        socket.write(
          frame(0x12, 1, {
            error: { code: 'REQUEST_WRONG_SHAPE', message: 'the request has the wrong shape' },
          }),
        );
      });
      socket.on('error', () => {});
    }).listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o600);
    chmodSync(folder, 0o700);
    const words = ['run', `unix:${path}`, '--', 'printf', '%s', '\xff'];
    const { status, stderr } = await runRexaRaw({ words });
    server.close();
    expect([status, stderr]).toEqual([
      125,
      expect.stringMatching(/argument 2 is not valid UTF-8, and the daemon \(rexad\/0\.0\.9\) is too old/),
    ]);
  });
});

/** A dozen processes one after the other, on a machine that has other things to do. */
const LONG_MS = 300_000;

describe('programs over the drop-in, with names that are not UTF-8', { timeout: LONG_MS }, () => {
  const NAME = "$'caf\\xe9\\xff'";

  /** Runs lines of bash as the user of the drop-in. */
  async function bash(host: DropIn, script: string): Promise<void> {
    const exit = await host.run(['bash', '-ec', script], { GIT_SSH_COMMAND: 'rexa ssh', LC_ALL: 'C' });
    expect([exit.status, exit.stdout, exit.stderr]).toEqual([0, exit.stdout, exit.stderr]);
  }

  it.runIf(hasProgram('scp')).each(['-O', '-s'])('scp %s carries a file there and back', async (mode) => {
    await using host = await startDropIn();
    const at = `'127.0.0.1:${host.folder}/'`;
    mkdirSync(join(host.folder, 'far'));
    const scp = `scp -q ${mode} -S ${host.rexaSsh} -P ${host.port}`;
    await bash(
      host,
      `N=${NAME}; echo content >"$N"; ${scp} "$N" ${at}far/"$N"; ls far | cmp - <(echo "$N")
       ${scp} ${at}far/"$N" back; cmp back far/"$N"`,
    );
  });

  it.runIf(hasProgram('rsync'))('rsync carries a tree there and back', async () => {
    await using host = await startDropIn();
    const rsync = `rsync -a -e 'rexa ssh -p ${host.port}'`;
    await bash(
      host,
      `N=${NAME}; mkdir -p "$N/$N"; echo content >"$N/$N/$N"
       ${rsync} "$N/" 127.0.0.1:${host.folder}/far-"$N"/; diff -r "$N" far-"$N"
       ${rsync} -s 127.0.0.1:${host.folder}/far-"$N"/ back/; diff -r "$N" back`,
    );
  });

  it.runIf(hasProgram('git'))('git clones from such a path, and pushes to it', async () => {
    await using host = await startDropIn();
    await bash(
      host,
      `N=${NAME}; git init -q --bare "$N.git"
       U=ssh://127.0.0.1:${host.port}${host.folder}/"$(printf %s "$N" | od -An -v -tx1 | tr -d '\\n' | tr ' ' %)".git
       git clone -q "$U" one 2>/dev/null; cd one; echo content >"$N"; git add .
       git -c user.name=a -c user.email=a@b commit -qm first; git push -q origin HEAD:main; cd ..
       git clone -q -b main "$U" two; cmp one/"$N" two/"$N"`,
    );
    expect(readdirSync(join(host.folder, 'two'), 'buffer').map((name) => name.toString('latin1'))).toContain(
      'caf\xe9\xff',
    );
  });
});
