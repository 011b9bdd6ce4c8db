import type { OpenHost } from '../../client/host.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { forwardRulesOf } from '../forward/forward-rules.ts';
import { createForwards, type Forwards } from '../forward/open-forwards.ts';
import type { ProcessContext } from '../run/run-plan.ts';
import { findSharing } from '../share/sharing.ts';
import { unlessStopped } from '../share/until-unused.ts';

/**
 * Opens a host and, once logged in, its forwardings, before anything is run there. As in ssh, a command that has ended is
 * followed by the end of the connections that are open.
 */
export function withForwards(around: ProcessContext, settings: SshSettings): ProcessContext {
  const { localForward = [], dynamicForward = [], remoteForward = [] } = settings;
  const specs = [...localForward, ...dynamicForward, ...remoteForward];
  const rules = forwardRulesOf(settings);
  let forwards: Forwards | null = null;
  /** A process that shares the connection has its forwardings. */
  const forwardsOf = (host: OpenHost): Forwards =>
    findSharing(host)?.forwards ?? createForwards(host, rules, around.messages);
  return {
    ...around,
    async open(address, options) {
      await forwards?.closeAll();
      if (specs.length === 0) {
        const plain = await around.open(address, options);
        // Some may be added on its terminal
        forwards = forwardsOf(plain);
        return plain;
      }
      // A client that may still be refused has not logged in
      const host = await around.open(address, { ...options, isEarly: false });
      await host.greeted(options.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
      forwards = forwardsOf(host);
      try {
        for (const spec of specs) await forwards.add(spec, settings.exitOnForwardFailure === true);
      } catch (error) {
        await forwards.closeAll();
        await host.close();
        throw error;
      }
      return host;
    },
    forwards: () => forwards,
    async beforeGoaway() {
      if (forwards === null) return;
      // As in ssh, the connection stays for the others that use it
      await unlessStopped(forwards.whenIdle(), around.signals);
      await forwards.closeAll();
    },
  };
}
