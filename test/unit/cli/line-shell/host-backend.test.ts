import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../../src/cli/line-shell/backend.ts';
import { createHostBackend } from '../../../../src/cli/line-shell/host/host-backend.ts';
import type { OpenHost } from '../../../../src/client/host.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

const FACTS = ['', '/bin/sh', '', '', '/bin/sh', 'far', '/home/ann', '1000', ''].join('\0');
const probed = { outcome: 'exited', exitCode: 0, signal: null, reason: null, stdout: FACTS, stderr: '' };

/** A backend on a host that answers the first question, and then does what `run` does. */
function createBackend(run: () => unknown, open = () => Promise.resolve()): Backend {
  let isProbed = false;
  const host = {
    greeted: () => Promise.resolve(null),
    ended: new Promise(() => {}),
    close: () => Promise.resolve(),
    run() {
      if (isProbed) return run();
      isProbed = true;
      return Promise.resolve(probed);
    },
  } as unknown as OpenHost;
  return createHostBackend({
    address: 'unix:/x',
    connect: {},
    encoding: undefined,
    async open() {
      await open();
      return host;
    },
  });
}

const output = { write: () => Promise.resolve(), announce() {}, refuse() {}, setEcho() {} };
const line = { text: 'ls', isLast: false, terminal: null };

describe('a line for a host', () => {
  it('is not run when its request cannot be made, and says why', async () => {
    const backend = createBackend(() => {
      throw new RexaError('CONTROL_TOO_LARGE', [1]);
    });
    const running = backend.submit(line, output);
    expect(await running.ended).toMatchObject({
      kind: 'refused',
      label: 'unreachable',
      exitStatus: 125,
      notes: [expect.stringMatching(/^not run: /)],
    });
    expect(await running.over).toEqual({ notes: [] });
  });

  it('is not run when the host cannot be reached; what was typed for it is given back', async () => {
    const backend = createBackend(
      () => null,
      () => Promise.reject(new RexaError('CONNECT_FAILED', ['unix:/x', 'gone'])),
    );
    const running = backend.submit(line, output);
    running.write('typed\n');
    expect(await running.ended).toMatchObject({
      kind: 'refused',
      label: 'unreachable',
      typedAhead: 'typed\n',
    });
  });

  it('is taken back by Ctrl-C while the connection is awaited', async () => {
    const backend = createBackend(
      () => null,
      () => new Promise(() => {}),
    );
    const running = backend.submit(line, output);
    running.signal('SIGINT');
    expect(await running.ended).toMatchObject({
      kind: 'refused',
      label: 'canceled',
      exitStatus: 130,
      notes: [],
    });
  });

  it('has a shell that says what the host lacks', async () => {
    const { sentences, place } = await createBackend(() => null).open();
    expect(place).toEqual({ host: 'far', folder: '/home/ann', home: '/home/ann', isRoot: false });
    expect(sentences).toEqual([
      'lines are run by /bin/sh; type exit or press Ctrl-D to exit',
      'for vim, top and other full-screen programs, leave out --line: the host has no terminal here',
      'the host has neither bash nor zsh: functions do not persist between lines',
      'cannot create a private folder on the host: no state persists between lines',
    ]);
  });
});
