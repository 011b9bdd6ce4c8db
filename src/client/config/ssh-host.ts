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
 * Returns a setting for a place that other settings may have changed.
 * @throws RexaError USAGE for names that a shell could take for syntax
 */
type ExpandLater = (place: { hostName: string; port: number; user: string | undefined }) => string;

/** What ssh's files say of the sharing of a connection. */
export interface SshSharing
  extends Pick<
    SshSettings,
    'controlMaster' | 'controlPersistMs' | 'gatewayPorts' | 'permitRemoteOpen' | 'streamLocalBindUnlink'
  > {
  readonly controlPath: ExpandLater;
}

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
  readonly proxyCommand: ExpandLater | null | undefined;
  /** Undefined: nothing is shared. */
  readonly sharing: SshSharing | undefined;
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
  const { proxyCommand, controlPath, ...others } = draft.settings;
  const settings = expandSettings(host, others);
  const { hostName, port, connectTimeoutMs, proxyJump, hostKeyAlias } = settings;
  const later = (name: 'proxyCommand' | 'controlPath', text: string): ExpandLater =>
    expandLater(host, name, { [name]: text, ...withoutUndefined({ hostKeyAlias, proxyJump }) });
  return {
    ...loginOptionsOf(settings),
    address: hostName === undefined ? undefined : addressOf(host, { hostName }),
    port,
    connectTimeoutMs: connectTimeoutMs || undefined,
    jump: proxyJump,
    proxyCommand:
      proxyCommand === undefined || proxyCommand === null
        ? proxyCommand
        : later('proxyCommand', proxyCommand),
    sharing: readSharing(settings, controlPath, (text) => later('controlPath', text)),
    remarks: listRemarks(draft),
  };
}

function readSharing(
  settings: SshSettings,
  controlPath: string | undefined,
  expand: (text: string) => ExpandLater,
): SshSharing | undefined {
  if (controlPath === undefined || controlPath.toLowerCase() === 'none') return undefined;
  const { controlMaster, controlPersistMs, gatewayPorts, permitRemoteOpen, streamLocalBindUnlink } = settings;
  return {
    ...withoutUndefined({
      controlMaster,
      controlPersistMs,
      gatewayPorts,
      permitRemoteOpen,
      streamLocalBindUnlink,
    }),
    controlPath: expand(controlPath),
  };
}

function expandLater(host: string, name: 'proxyCommand' | 'controlPath', settings: SshSettings): ExpandLater {
  return ({ hostName, port, user }) => {
    checkHostName(hostName);
    const place = { hostName, port, ...withoutUndefined({ user: user && readUser(user) }) };
    const { [name]: expanded } = expandSettings(host, { ...settings, ...place });
    return expanded ?? '';
  };
}
