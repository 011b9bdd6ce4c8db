import type { OpenHost } from '../../client/host.ts';
import { permitsRemoteOpen } from '../../config/ssh/permit-remote-open.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import { createForwards, type Forwards } from '../forward/open-forwards.ts';
import type { ProcessContext } from '../run/run-plan.ts';

/**
 * Opens a host and, once logged in, its forwardings, before anything is run there. As in ssh, a command that has ended is
 * followed by the end of the connections that are open.
 */
export function withForwards(around: ProcessContext, settings: SshSettings): ProcessContext {
  const { localForward = [], dynamicForward = [], remoteForward = [] } = settings;
  const specs = [...localForward, ...dynamicForward, ...remoteForward];
  const rules = {
    gatewayPorts: settings.gatewayPorts === true,
    permitRemoteOpen: (to: SocketPlace) => permitsRemoteOpen(settings, to),
    replaceSocket: settings.streamLocalBindUnlink === true,
    exitOnFailure: settings.exitOnForwardFailure === true,
  };
  let forwards: Forwards | null = null;
  let opened: OpenHost | null = null;
  return {
    ...around,
    async open(address, options) {
      await forwards?.closeAll();
      if (specs.length === 0) {
        const plain = await around.open(address, options);
        opened = plain;
        // Some may be added on its terminal
        forwards = createForwards(plain, { ...rules, exitOnFailure: false }, around.messages);
        return plain;
      }
      // A client that may still be refused has not logged in
      const host = await around.open(address, { ...options, isEarly: false });
      opened = host;
      await host.greeted(options.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
      forwards = createForwards(host, rules, around.messages);
      try {
        for (const spec of specs) await forwards.add(spec);
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
      const signal = Promise.withResolvers<void>();
      const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
        (name) => [name, signal.resolve] as const,
      );
      for (const [name, listener] of listeners) around.signals.on(name, listener);
      // As in ssh, the connection stays for the others that use it
      const idle = Promise.all([forwards.whenIdle(), opened?.sharing?.whenIdle()]);
      await Promise.race([idle, signal.promise]);
      for (const [name, listener] of listeners) around.signals.off(name, listener);
      await forwards.closeAll();
    },
  };
}
