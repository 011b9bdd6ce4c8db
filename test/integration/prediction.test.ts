import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProxy, startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { type SessionHost, startSessionHost } from '../fixtures/sessions.ts';
import { startRexaInTmux, type TmuxSession } from '../fixtures/shell/tmux.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

let host: SessionHost;
beforeAll(async () => {
  host = await startSessionHost();
});
afterAll(() => host[Symbol.asyncDispose]());

const SHELL = ['env', 'PS1=ready$ ', 'bash', '--norc', '--noprofile', '-i'];
/** Longer than the round trip above which keys are shown early. */
const SLOW = { delayMs: [50, 50] } as const;
const UNDERLINED = '\x1b[4m';

const pathOf = (network: ChaosProxy): string => (network.place as { readonly path: string }).path;

/** A shell of the host on our terminal, whose echoes come through this network. */
async function startOver(network: ChaosProxy, ...words: readonly string[]): Promise<TmuxSession> {
  const [command = '', ...options] = words;
  const place = `unix:${pathOf(network)}`;
  const session = command === 'session' ? ['session', 'new', ...options, place, 'slow', '--'] : [];
  const shell = await startRexaInTmux(
    session.length > 0 ? [...session, ...SHELL] : [command, '-t', ...options, place, '--', ...SHELL],
  );
  await shell.until(/ready\$$/);
  return shell;
}

/** Waits until keys can be shown early, and for a prompt behind that. */
async function untilBegun(shell: TmuxSession): Promise<void> {
  await waitUntil('predictions have begun', async () => {
    await shell.press('Enter', '~', '#');
    return (await shell.screen()).includes('keys were shown');
  });
  await shell.press('Enter');
  await shell.until(/\nready\$$/);
}

/** Types keys of which the first two are waited for. */
async function typeEchoed(shell: TmuxSession, text: string): Promise<void> {
  await shell.type(text);
  await shell.until(new RegExp(`ready\\$ ${text}$`));
  await waitUntil('the echo is there', async () => !(await shell.coloredScreen()).includes(UNDERLINED));
}

describe('keys over a network on which nothing comes back', () => {
  it.each([
    ['run', []],
    ['run', ['--predict', 'always']],
    ['session', []],
  ])(
    'are shown underlined by rexa %s %j, and as they are once they were echoed',
    async (command, options) => {
      await using network = await startChaosProxy({ path: host.daemon.socketPath }, 'unix', 1, SLOW);
      await using shell = await startOver(network, command, ...options);
      await untilBegun(shell);
      await typeEchoed(shell, 'echo 1');
      await shell.press('Enter');
      await shell.until(/\n1\nready\$$/);
      await typeEchoed(shell, 'echo');
      network.freeze();
      await shell.type(' two x');
      await shell.press('BSpace', 'BSpace');
      await shell.until(/ready\$ echo two$/);
      expect(await shell.coloredScreen()).toContain(UNDERLINED);
      expect((await shell.cursor()).column).toBe('ready$ echo two'.length);
      network.thaw();
      await waitUntil('the echo is there', async () => !(await shell.coloredScreen()).includes(UNDERLINED));
      await shell.press('Enter');
      await shell.until(/\ntwo\nready\$$/);
    },
  );

  it.each([
    ['never', 'echo'],
    ['always', 'read -rs x'],
  ])('are not shown with --predict %s behind %s', async (choice, line) => {
    await using network = await startChaosProxy({ path: host.daemon.socketPath }, 'unix', 1, SLOW);
    await using shell = await startOver(network, 'run', '--predict', choice);
    await typeEchoed(shell, line);
    if (choice === 'always') await shell.press('Enter');
    const before = await shell.screen();
    network.freeze();
    await shell.type('secret');
    // What is typed behind it has been read when this is shown
    await shell.press('Enter', '~', '?');
    await shell.until('Supported escape sequences');
    expect(await shell.screen()).not.toContain('secret');
    expect(await shell.screen()).toContain(before);
    network.thaw();
  });
});
