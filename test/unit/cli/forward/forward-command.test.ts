import { describe, expect, it } from 'vitest';
import { listForwards, runForwardCommand } from '../../../../src/cli/forward/forward-command.ts';
import { createForwards } from '../../../../src/cli/forward/open-forwards.ts';
import { openForwardingHost } from '../../../fixtures/services/open-forward.ts';
import { findClosedPort, startSocketServer } from '../../../fixtures/socket-server.ts';

/** The forwardings of a host, and what is said of them. */
function openForwards() {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const { host } = openForwardingHost();
  const rules = { gatewayPorts: false };
  return { said, forwards: createForwards(host, rules, { fail: say, warn: say, debug: () => undefined }) };
}

describe('a line behind ~C', () => {
  it.each(['L', 'R', 'D'])('adds, lists and cancels a forwarding of -%s', async (letter) => {
    const { forwards } = openForwards();
    const port = await findClosedPort();
    const to = letter === 'D' ? '' : ':localhost:1';
    expect(await runForwardCommand(forwards, `-${letter} ${port}${to}`)).toEqual(['Forwarding port.']);
    expect(listForwards(forwards)).toEqual([
      `-${letter} ${port}: listens on localhost:${port}, leads to ${letter === 'D' ? 'socks' : 'localhost:1'}, connections: 0`,
    ]);
    expect(await runForwardCommand(forwards, `-K${letter}${port}`)).toEqual(['Canceled forwarding.']);
    expect(await runForwardCommand(forwards, `-K${letter}${port}`)).toEqual(['Unknown port forwarding.']);
    expect(listForwards(forwards)).toEqual(['nothing is forwarded']);
  });

  it('says that a port is taken', async () => {
    const { port } = await startSocketServer(() => undefined);
    const { forwards, said } = openForwards();
    const line = `-L 127.0.0.1:${port}:h:1`;
    expect(await runForwardCommand(forwards, line)).toEqual(['Port forwarding failed.']);
    expect(said).toEqual([
      `bind [127.0.0.1]:${port}: Address already in use; could not request local forwarding`,
    ]);
  });

  it.each([
    ['', undefined],
    ['help', 'Commands:'],
    ['-X 1', 'Invalid command.'],
    ['-L x', "Bad local forwarding specification 'x'"],
  ])('%o is answered by %o', async (line, first) => {
    expect((await runForwardCommand(openForwards().forwards, line))[0]).toBe(first);
  });
});
