import { addressOf } from '../../config/ssh/address-of.ts';
import { applyFiles } from '../../config/ssh/apply-files.ts';
import { expandSettings, settleNames } from '../../config/ssh/expand-settings.ts';
import { type LoginOptions, loginOptionsOf } from '../../config/ssh/login-options.ts';
import { createDraft, listRemarks, type SshSettings } from '../../config/ssh/settings.ts';
import { RexaError } from '../../protocol/errors.ts';

/** What the default files of ssh say of a host. */
export interface SshHost extends LoginOptions {
  /** Where `HostName` leads. */
  readonly address: string | undefined;
  /** Undefined: none that is about rexa. */
  readonly port: number | undefined;
  readonly connectTimeoutMs: number | undefined;
  /** Jump hosts; empty: none. */
  readonly jump: readonly string[] | undefined;
  /** A program whose stdin and stdout are the connection; null: none. */
  readonly proxyCommand: string | null | undefined;
  /** What they ask for and rexa lacks, with file and line: warnings. */
  readonly remarks: readonly string[];
}

/**
 * Reads what `~/.ssh/config` and `/etc/ssh/ssh_config` say of a host.
 * @param preceded settings for which something else counts
 * @param usesPort whether their `Port` applies
 * @throws RexaError SSH_CONFIG_INVALID with the first wrong line
 */
export function readSshHost(
  host: string,
  preceded: readonly (keyof SshSettings)[],
  usesPort: boolean,
): SshHost {
  const draft = createDraft();
  let failure: string | undefined;
  const fail = (line: string): void => {
    failure ??= line;
  };
  try {
    applyFiles(draft, host, { file: undefined, command: '', usesPort, fail });
  } catch (cause) {
    throw failure === undefined ? cause : new RexaError('SSH_CONFIG_INVALID', [failure], { cause });
  }
  settleNames(draft, host);
  for (const name of preceded) delete draft.settings[name];
  const settings = expandSettings(host, draft.settings);
  const { hostName, port, connectTimeoutMs, proxyJump, proxyCommand } = settings;
  return {
    ...loginOptionsOf(settings),
    address: hostName === undefined ? undefined : addressOf(host, { hostName }),
    port,
    connectTimeoutMs: connectTimeoutMs || undefined,
    jump: proxyJump,
    proxyCommand,
    remarks: listRemarks(draft),
  };
}
