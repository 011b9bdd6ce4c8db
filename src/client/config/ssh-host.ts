import { addressOf } from '../../config/ssh/address-of.ts';
import { applyFiles } from '../../config/ssh/apply-files.ts';
import { checkHostName } from '../../config/ssh/check-host-name.ts';
import { expandSettings, settleNames } from '../../config/ssh/expand-settings.ts';
import { type LoginOptions, loginOptionsOf } from '../../config/ssh/login-options.ts';
import { createDraft, listRemarks, type SshSettings } from '../../config/ssh/settings.ts';
import { readUser } from '../../config/ssh/values.ts';
import { RexaError } from '../../protocol/errors.ts';
import { withoutUndefined } from '../without-undefined.ts';

/**
 * Returns the line for a place that other settings may have changed.
 * @throws RexaError USAGE for names that a shell could take for syntax
 */
type ExpandProxyCommand = (place: { hostName: string; port: number; user: string | undefined }) => string;

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
  readonly proxyCommand: ExpandProxyCommand | null | undefined;
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
  const { proxyCommand, ...others } = draft.settings;
  const settings = expandSettings(host, others);
  const { hostName, port, connectTimeoutMs, proxyJump, hostKeyAlias } = settings;
  return {
    ...loginOptionsOf(settings),
    address: hostName === undefined ? undefined : addressOf(host, { hostName }),
    port,
    connectTimeoutMs: connectTimeoutMs || undefined,
    jump: proxyJump,
    proxyCommand:
      proxyCommand === undefined || proxyCommand === null
        ? proxyCommand
        : expandLater(host, { proxyCommand, hostKeyAlias }),
    remarks: listRemarks(draft),
  };
}

function expandLater(
  host: string,
  { proxyCommand, hostKeyAlias }: { proxyCommand: string; hostKeyAlias: string | undefined },
): ExpandProxyCommand {
  return ({ hostName, port, user }) => {
    checkHostName(hostName);
    const place = { hostName, port, ...withoutUndefined({ user: user && readUser(user), hostKeyAlias }) };
    return expandSettings(host, { ...place, proxyCommand }).proxyCommand ?? proxyCommand;
  };
}
