import type { OptionValues } from '../../command-line/option-table.ts';
import type { CONNECT_OPTIONS, LOGIN_OPTIONS, RECONNECT_OPTIONS } from '../tables/common.ts';
import type { HostOptions } from './host-plan.ts';

/** What the options that every command has say of its host. */
export function readHostOptions(
  values: OptionValues<typeof LOGIN_OPTIONS> &
    OptionValues<typeof CONNECT_OPTIONS> &
    Partial<OptionValues<typeof RECONNECT_OPTIONS>>,
  user: string | null,
): HostOptions {
  return {
    user: user ?? undefined,
    config: values.config,
    identities: values.i.length === 0 ? undefined : values.i,
    unknownHost: values['accept-new'] ? 'accept-new' : undefined,
    connectTimeoutMs: values['connect-timeout'],
    reconnectForMs: values['reconnect-for'],
  };
}
