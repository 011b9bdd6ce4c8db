import type { Config } from '../../client/config/config-schema.ts';
import { expandSettings, hasTokens } from '../../config/ssh/expand-settings.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import type { HostOptions } from '../host/host-plan.ts';
import { hostOptionsOf } from './host-options.ts';
import { preferConfig } from './prefer-config.ts';
import type { ResolvedWords } from './resolve.ts';
import { resolveHostOptions } from './resolve-host-options.ts';

/** rexa's own configuration, and the file that it was read from. */
export interface OwnConfig {
  readonly config: Config | null;
  readonly file: string | undefined;
}

/** The words of ssh for a host, with what rexa's configuration says. */
export interface ResolvedHost {
  /** The settings of words and files that count, as they were written. */
  readonly written: SshSettings;
  /** The same, expanded. */
  readonly settings: SshSettings;
  readonly options: HostOptions;
}

/** Expands the settings of a host. @throws RexaError as expandSettings and resolveHostOptions */
export async function resolveHost(resolved: ResolvedWords, own: OwnConfig): Promise<ResolvedHost> {
  const { host } = resolved;
  const written = preferConfig(resolved, own.config);
  const place = hasTokens(written)
    ? await resolveHostOptions(host, written, hostOptionsOf(host, written, own.file))
    : {};
  const settings = expandSettings(host, written, place);
  return { written, settings, options: hostOptionsOf(host, settings, own.file) };
}
