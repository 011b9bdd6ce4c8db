import { accessSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, LineEnd } from '../../src/cli/line-shell/backend.ts';
import { quoteWord } from '../../src/cli/line-shell/completion/quote.ts';
import { createHostBackend } from '../../src/cli/line-shell/host/host-backend.ts';
import { openHost } from '../../src/client/open-host.ts';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';

/** What a bare system has, as far as the programs and these tests need it. */
const TOOLS =
  'sh cat chmod cp env find grep id ls mkdir mktemp mv printf ps rm sed sleep tr true uname'.split(' ');

/** A host that has these shells and no others. */
interface ShellHost extends AsyncDisposable {
  readonly backend: Backend;
  readonly folder: string;
  /** Runs a line. `stdout` and `stderr` are together, as on a terminal. */
  run(text: string, isLast?: boolean): Promise<LineEnd & { readonly output: string }>;
}

async function startHost(shells: readonly string[]): Promise<ShellHost> {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-programs-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of [...TOOLS, ...shells]) symlinkSync(findProgram(name), join(bin, name));
  const daemon: TestDaemon = await startDaemon({ env: { PATH: bin, TMPDIR: folder, LANG: 'C.UTF-8' } });
  const backend = createHostBackend({
    address: daemon.address,
    open: openHost,
    connect: {},
    encoding: undefined,
  });
  await backend.open();
  return {
    backend,
    folder,
    async run(text, isLast = false) {
      let output = '';
      const running = backend.submit(
        { text, isLast, terminal: null },
        {
          async write(_, bytes) {
            output += Buffer.from(bytes).toString();
          },
          announce() {},
          refuse() {},
          setEcho() {},
        },
      );
      const end = await running.ended;
      return { ...end, output };
    },
    async [Symbol.asyncDispose]() {
      await backend.close();
      await daemon[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findProgram(name: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => isThere(path));
  if (found === undefined) throw new Error(`there is no ${name} here`);
  return found;
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

describe.each<['bash' | 'zsh' | 'sh', string[]]>([
  ['bash', ['bash']],
  ['zsh', ['zsh']],
  ['sh', []],
])('a host that has %s', (name, shells) => {
  let host: ShellHost;
  beforeAll(async () => {
    host = await startHost(shells);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const hasFunctions = name !== 'sh';

  it('keeps folder, variables, aliases, options and the umask', async () => {
    await host.run(`cd ${host.folder}; cd bin; x='a  b'; y='two
lines '\\'' "'; export X=exported; alias hello='echo hi'; set -o noglob; umask 027; IFS=,`);
    expect(
      await host.run('pwd; echo "$x|$y"; env | grep ^X=; hello; echo *; umask; echo "$IFS"; cd - >/dev/null'),
    ).toMatchObject({
      label: null,
      output: `${host.folder}/bin\na  b|two\nlines ' "\nX=exported\nhi\n*\n${name === 'zsh' ? '027' : '0027'}\n,\n`,
      place: { folder: host.folder },
    });
    await host.run(`set +o noglob; IFS=$(printf " \\t\\nx"); IFS=\${IFS%x}; umask 022`);
  });

  it.runIf(hasFunctions)('keeps functions, arrays and positional parameters', async () => {
    await host.run('f() { echo "f: $1 $x"; }; x=1; a=(1 "2 3"); set -- p "q r"; readonly R=fixed');
    const { output } = await host.run(`f y; echo "\${a[@]}" "\${#a[@]}"; echo "$# $2"; echo $R`);
    expect(output).toBe('f: y 1\n1 2 3 2\n2 q r\nfixed\n');
  });

  it('keeps an alias and a function of one name apart', async () => {
    await host.run('both() { echo function; }');
    await host.run("alias both='echo alias'");
    expect(await host.run('both; \\both')).toMatchObject({
      output: hasFunctions ? 'alias\nfunction\n' : expect.stringMatching(/^alias\n.*not found\n$/),
    });
    await host.run('unalias both');
  });

  it('gives each line the status of the one before', async () => {
    expect(await host.run('sh -c "exit 42"')).toMatchObject({ label: '42', exitStatus: 42 });
    expect(await host.run('echo $?')).toMatchObject({ label: null, output: '42\n' });
  });

  it.each([
    'if true',
    'echo "abc',
    "echo 'abc",
    'for i in 1 2',
    'while true; do',
    'case x in',
    'f() {',
    '{ echo',
    '( echo',
    'echo $(ls',
    'cat <<E\nfoo',
    'true &&',
    'true |',
  ])('says that %j lacks its end, and runs nothing of it', async (line) => {
    expect(await host.run(`echo ran\n${line}`)).toMatchObject({ kind: 'incomplete', output: '' });
  });

  it.each([
    '',
    '# a comment',
    'true # a comment',
    'echo a\\\nb >/dev/null',
    ': "a\nb"',
    'cat <<E >/dev/null\nx\nE',
  ])('takes %j for a whole line', async (line) => {
    expect(await host.run(line)).toMatchObject({ kind: 'ended', label: null, output: '' });
  });

  it.each([')', 'fi', 'if true; fi'])('tells the error of syntax in %j, and goes on', async (line) => {
    const end = await host.run(line);
    expect(end).toMatchObject({ kind: 'ended', exitStatus: name === 'zsh' ? 1 : 2 });
    expect(end.output).toMatch(/syntax error|parse error|Syntax error/);
    expect(await host.run('echo on')).toMatchObject({ output: 'on\n' });
  });

  it('says what is wrong with an unfinished line that is the last one', async () => {
    const end = await host.run('echo "abc', true);
    expect([end.kind, end.exitStatus === 0, end.output === '']).toEqual(['ended', false, false]);
  });

  it('goes on after set -e, and after errors that end a shell', async () => {
    expect(await host.run('set -e; cd /; false; echo no')).toMatchObject({
      kind: 'ended',
      isEarly: true,
      label: '1',
      output: '',
      place: { folder: '/' },
    });
    await host.run('set +e');
    const unset = await host.run(`: \${nope?is not set}`);
    expect([unset.kind, unset.exitStatus > 0, unset.output.includes('is not set')]).toEqual([
      'ended',
      true,
      true,
    ]);
    await host.run('set -u');
    expect(await host.run('echo $nope')).toMatchObject({ kind: 'ended' });
    expect(await host.run('set +u; echo on')).toMatchObject({ output: 'on\n' });
  });

  it('shows what a user traces, and nothing of ours', async () => {
    await host.run('set -x');
    const { output } = await host.run('echo traced');
    expect(output).toMatch(/^\S+ echo traced\ntraced\n$/);
    const last = await host.run('set +x');
    expect(last.output).toMatch(/^\S+ set \+x\n$/);
    expect(await host.run('echo quiet')).toMatchObject({ output: 'quiet\n' });
  });

  // A shell that has just forked loses the signal: so it is sent when the command itself says that it runs
  it.each([
    "sh -c 'echo begun; exec sleep 100'",
    'echo begun; while :; do :; done',
    "sh -c 'echo begun; exec sleep 100'; echo next",
  ])('keeps what a line did before it was interrupted: %s', async (line) => {
    const output: string[] = [];
    const running = host.backend.submit(
      { text: `cd /usr; ${line}`, isLast: false, terminal: null },
      {
        async write(_, bytes) {
          output.push(Buffer.from(bytes).toString());
          if (output.join('').includes('begun')) running.signal('SIGINT');
        },
        announce() {},
        refuse() {},
        setEcho() {},
      },
    );
    expect(await running.ended).toMatchObject({ kind: 'ended', label: 'SIGINT', place: { folder: '/usr' } });
    // zsh may write again what it was just writing
    expect(output.join('')).toMatch(/^(?:begun\n)+$/);
    await host.run('cd /');
  });

  it('shows the prompts of read, and asks for no echo of a secret', async () => {
    const asks = name === 'zsh' ? 'read "user?Name: "' : 'read -p "Name: " user';
    const hides = {
      bash: 'read -s -p "Secret: " secret',
      zsh: 'read -s "secret?Secret: "',
      sh: 'read secret',
    }[name];
    let output = '';
    const echoes: boolean[] = [];
    const running = host.backend.submit(
      {
        text: `${asks}; ${hides}; echo "$user+$secret"; read plain <<E\nfile\nE\necho "$plain"`,
        isLast: false,
        terminal: { type: 'xterm', columns: 80, rows: 24 },
      },
      {
        async write(_, bytes) {
          output += Buffer.from(bytes).toString();
        },
        announce() {},
        refuse() {},
        setEcho: (isOn) => echoes.push(isOn),
      },
    );
    running.write('alice\nhunter2\n');
    expect(await running.ended).toMatchObject({ label: null });
    const secret = name === 'sh' ? '' : 'Secret: ';
    expect([output, echoes]).toEqual([
      `Name: ${secret}alice+hunter2\nfile\n`,
      name === 'sh' ? [] : [false, true],
    ]);
  });

  it('gives back what was typed and not read', async () => {
    const running = host.backend.submit(
      { text: 'read x; echo "<$x>"', isLast: false, terminal: null },
      { write: () => Promise.resolve(), announce() {}, refuse() {}, setEcho() {} },
    );
    running.write('one\ntwo\nthr');
    expect(await running.ended).toMatchObject({ typedAhead: 'two\nthr' });
  });

  it('comes back at once from a job, tells its pid, and passes on what it writes', async () => {
    let output = '';
    const running = host.backend.submit(
      { text: '{ sleep 0.3; echo late; } &', isLast: false, terminal: null },
      {
        async write(_, bytes) {
          output += Buffer.from(bytes).toString();
        },
        announce() {},
        refuse() {},
        setEcho() {},
      },
    );
    const { jobs } = await running.ended;
    expect([output, jobs.length]).toEqual(['', 1]);
    await running.over;
    // A shell that cannot wait for its jobs leaves them to the daemon, which listens a second longer
    expect(output).toBe('late\n');
  });

  it.each([
    [{ kind: 'path', base: '', word: 'My' }, ['My Docs/']],
    [{ kind: 'path', base: '', word: '$(echo' }, ['$(echo x)']],
    [{ kind: 'path', base: '', word: 'My Docs/' }, ['My Docs/中文', "My Docs/it's"]],
    [{ kind: 'folder', base: '', word: '' }, ['My Docs/']],
    [{ kind: 'path', base: '$BASE', word: '/My' }, ['/My Docs/']],
    [{ kind: 'path', base: '$nothing', word: '/' }, []],
    [{ kind: 'path', base: '$x[$(echo)]', word: '/' }, []],
    [{ kind: 'program', base: '', word: './r' }, ['./run']],
    [{ kind: 'command', base: '', word: 'mktem' }, ['mktemp']],
  ] as const)('completes %j', async (question, words) => {
    const folder = join(host.folder, 'completed');
    await host.run(
      `cd; mkdir -p '${folder}/My Docs'; cd '${folder}'; cd 'My Docs'; : >"it's"; : >中文; cd ..
: >'$(echo x)'; : >readme; : >run; chmod +x run; BASE=${folder}`,
    );
    const answer = await host.backend.complete(question, new AbortController().signal);
    expect(answer?.words.toSorted()).toEqual([...words].toSorted());
  });

  it.each(['none', 'double', 'single'] as const)(
    'reads a completed word as it was meant, in %s quotes',
    async (quoting) => {
      const value = 'a !"#$%&\'()*+,-.:;<=>?@[\\]^_`{|}~ 中😀';
      const { output } = await host.run(`printf %s ${quoteWord('', value, quoting, true)}`);
      expect(output).toBe(value);
      const { output: below } = await host.run(
        `HOME=/h; printf %s ${quoteWord('~', `/${value}`, quoting, true)}`,
      );
      expect(below).toBe(`/h/${value}`);
    },
  );

  it('completes the folder of a user', async () => {
    const answer = await host.backend.complete(
      { kind: 'path', base: '~root', word: '/' },
      new AbortController().signal,
    );
    expect(answer).not.toBeNull();
  });

  it.runIf(hasFunctions)('completes functions and aliases', async () => {
    await host.run("my_function() { :; }; alias my_alias='ls'");
    const question = { kind: 'command', base: '', word: 'my_' } as const;
    const answer = await host.backend.complete(question, new AbortController().signal);
    expect(answer?.words).toEqual(['my_alias', 'my_function']);
  });
});

describe('what a host has no shell for', () => {
  it('is said once: functions stay in bash and zsh only', async () => {
    await using host = await startHost([]);
    expect((await host.backend.open()).sentences).toEqual([
      expect.stringMatching(/^lines are run by \/.*\/sh; type exit or press Ctrl-D to exit$/),
      'for vim, top and other full-screen programs, leave out --line: the host has no terminal here',
      'the host has neither bash nor zsh: functions do not persist between lines',
    ]);
  });
});
