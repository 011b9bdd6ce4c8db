import { describe, expect, it } from 'vitest';
import { createForwards } from '../../../../src/cli/forward/open-forwards.ts';
import { createMessages, PLAIN_MESSAGES } from '../../../../src/cli/output/messages.ts';
import { type ForwardLetter, readForwardSpec } from '../../../../src/config/ssh/forward-spec.ts';
import type { ForwardOptions } from '../../../../src/services/forward/client-types.ts';

/** The options that a forwarding is asked for with. */
async function optionsOf(letter: ForwardLetter, text: string) {
  const asked: ForwardOptions[] = [];
  const host = {
    async forward(options: ForwardOptions) {
      asked.push(options);
      const close = async () => undefined;
      const address = { host: 'localhost', port: 1 };
      return {
        address,
        connectionCount: 0,
        ended: new Promise<null>(() => {}),
        close,
        [Symbol.asyncDispose]: close,
      };
    },
  };
  const rules = {
    gatewayPorts: false,
    permitRemoteOpen: (to: object) => 'port' in to && to.port === 7,
    replaceSocket: true,
  };
  await createForwards(host, rules, createMessages(PLAIN_MESSAGES)).add(readForwardSpec(letter, text));
  return asked[0];
}

describe('what ssh_config says of forwardings', () => {
  it('limits a SOCKS server on the host by PermitRemoteOpen', async () => {
    const permit = (await optionsOf('R', '1'))?.permit;
    expect(permit?.({ host: 'a', port: 7 })).toBe(true);
    expect(permit?.({ host: 'a', port: 8 })).toBe(false);
  });

  it('does not limit a SOCKS server here', async () => {
    expect((await optionsOf('D', '1'))?.permit).toBeUndefined();
  });

  it('removes a Unix socket that is in the way by StreamLocalBindUnlink', async () => {
    expect(await optionsOf('L', '/s:a:1')).toMatchObject({
      from: { local: { path: '/s' } },
      replaceSocket: true,
    });
  });
});
