import { withoutUndefined } from '../../client/without-undefined.ts';
import { permitsRemoteOpen } from '../../config/ssh/permit-remote-open.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';

/** What ssh_config says of all forwardings of a connection. */
export interface ForwardRules {
  /** Listeners here without a host take all addresses (`GatewayPorts`). */
  readonly gatewayPorts: boolean;
  /** Decides on what SOCKS clients on the host ask for (`PermitRemoteOpen`). Default: everything is permitted. */
  readonly permitRemoteOpen?: (to: SocketPlace) => boolean;
  /** A Unix socket that is in the way of a listener here is removed (`StreamLocalBindUnlink`). */
  readonly replaceSocket?: boolean;
}

/** The settings of these rules: plain data, for another process too. */
export type ForwardSettings = Pick<
  SshSettings,
  'gatewayPorts' | 'permitRemoteOpen' | 'streamLocalBindUnlink'
>;

/** Returns the settings of the rules alone. */
export function forwardSettingsOf(settings: ForwardSettings): ForwardSettings {
  const { gatewayPorts, permitRemoteOpen, streamLocalBindUnlink } = settings;
  return withoutUndefined({ gatewayPorts, permitRemoteOpen, streamLocalBindUnlink });
}

/** Returns the rules that settings come to. */
export function forwardRulesOf(settings: ForwardSettings): ForwardRules {
  return {
    gatewayPorts: settings.gatewayPorts === true,
    permitRemoteOpen: (to) => permitsRemoteOpen(settings, to),
    replaceSocket: settings.streamLocalBindUnlink === true,
  };
}
