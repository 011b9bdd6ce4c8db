import { userInfo } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeTalkName } from '../../../src/services/talk/messages.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';
import { startRexaInTmux, type TmuxOptions, type TmuxSession } from '../../fixtures/shell/tmux.ts';

const ME = makeTalkName(userInfo().username);

/** A member on a terminal, once it is in the room. */
async function startMember(
  { address }: TestDaemon,
  options: TmuxOptions = {},
  ...words: readonly string[]
): Promise<TmuxSession> {
  const member = await startRexaInTmux(['talk', address, ...words], options);
  onTestFinished(() => member[Symbol.asyncDispose]());
  await member.until(`you are ${ME}`);
  return member;
}

const say = async ({ address }: TestDaemon, text: string): Promise<void> =>
  void (await runRexa(['talk', address], { input: `${text}\n` }));

describe('rexa talk on a terminal', () => {
  it.each([
    [80, 24],
    [40, 10],
  ])(
    'shows what is said above the line that is typed, wide characters included, at %i×%i',
    async (columns, rows) => {
      await using daemon = await startDaemon();
      const member = await startMember(daemon, { columns, rows });
      await member.type('half a 句子 😀');
      await say(daemon, `你好 ${'世界'.repeat(columns / 4)} end`);
      await member.until(`[${ME}-2] left`);
      await member.until(`${ME}> half a 句子 😀`);
      const screen = (await member.screen()).trimEnd().split('\n');
      expect(screen.at(-1)).toBe(`${ME}> half a 句子 😀`);
      expect(screen.join('')).toContain(`<${ME}-2> 你好 ${'世界'.repeat(columns / 4)} end`);
      const { column } = await member.cursor();
      expect(column).toBe(`${ME}> half a `.length + 4 + 1 + 2);
      await member.press('Enter');
      await member.until(`<${ME}> half a 句子 😀`);
    },
  );

  it('completes names and commands, and says what is wrong with a command', async () => {
    await using daemon = await startDaemon();
    const member = await startMember(daemon);
    const other = startRexa(['talk', daemon.address]);
    other.child.stdin?.write('/nick 小明\n');
    await member.until(`[${ME}-2] is now 小明`);
    await member.type('小');
    await member.press('Tab');
    await member.until('> 小明:');
    await member.type('look');
    await member.press('Enter');
    await member.until(`<${ME}> 小明: look`);
    await member.type('/w');
    await member.press('Tab', 'Enter');
    await member.until(`[小明] user`);
    await member.type('/frown');
    await member.press('Enter');
    await member.until('unknown command /frown');
    other.child.stdin?.end();
    await other.exit;
  });

  it('rings the bell when somebody else writes the own name, and not otherwise', async () => {
    await using daemon = await startDaemon();
    const member = await startMember(daemon);
    const bells = await member.record();
    const count = (): number => bells().split('\u0007').length - 1;
    await say(daemon, 'nothing special');
    await member.until('nothing special');
    expect(count()).toBe(0);
    await say(daemon, `${ME}: are you there?`);
    await member.until('are you there?');
    expect(count()).toBe(1);
  });

  it('sends a paste of lines as lines, and says that a line is too long', async () => {
    await using daemon = await startDaemon();
    const member = await startMember(daemon);
    await member.paste('one\ntwo\n\nthree', true);
    await member.press('Enter');
    await member.until(`<${ME}> three`);
    const said = (await member.screen()).split('\n').filter((line) => line.startsWith('<'));
    expect(said).toEqual([`<${ME}> one`, `<${ME}> two`, `<${ME}> three`]);
    await member.paste('x'.repeat(4097), true);
    await member.press('Enter');
    await member.until('more than the 4096 bytes');
  });

  it.each<[string, (member: TmuxSession) => Promise<void>]>([
    ['Ctrl-C on an empty line', (member) => member.press('C-c')],
    ['Ctrl-D', (member) => member.press('C-d')],
    ['/quit', (member) => member.type('/quit').then(() => member.press('Enter'))],
  ])('leaves at %s, and gives the terminal back as it was', async (_what, leave) => {
    await using daemon = await startDaemon();
    const stays = startRexa(['talk', daemon.address]);
    await stays.untilStdout('entered');
    const member = await startRexaInTmux(['talk', daemon.address], { redirection: '; stty -a; sleep 60' });
    onTestFinished(() => member[Symbol.asyncDispose]());
    await member.until('you are');
    await member.type('text');
    await member.press('C-c');
    await leave(member);
    await stays.untilStdout(`[${ME}-2] left\n`);
    await member.until(/icanon/);
    const screen = await member.screen();
    expect(screen).toMatch(/[^-]icanon[\s\S]*[^-]echo /);
    expect(screen).not.toMatch(new RegExp(`^${ME}-2>(?: speed|\n)`, 'm'));
    stays.child.stdin?.end();
    await stays.exit;
  });
});
