import path from 'node:path';
import { homeFolder, userName } from './home-folder.ts';

// These depend on the home folder alone, as those of sshd do: a daemon that a service manager starts and a `rexa keys` in a
// shell have different variables (XDG_CONFIG_HOME), and must look in the same place.

/** Returns the file of rexa's own that says who may log in to this account. */
export function ownAuthorizedKeys(): string {
  return path.join(loginFolder(), 'authorized_keys');
}

/** Returns sshd's file of the same kind. */
export function sshAuthorizedKeys(): string {
  return path.join(homeFolder(), '.ssh', 'authorized_keys');
}

/** Returns the lists that a daemon reads unless others are named, in their order. */
export function defaultAuthorizedKeys(): readonly [string, string] {
  return [ownAuthorizedKeys(), sshAuthorizedKeys()];
}

/** Returns where the key of this host is kept; its folder is rexa's own. */
export function hostKeyPlace(): string {
  return path.join(loginFolder(), 'host', 'host_key');
}

/** Returns the configuration of this account's daemon under the systemd unit of the package. */
export function unitConfigFile(): string {
  return path.join('/etc/rexad', `${userName()}.yaml`);
}

function loginFolder(): string {
  return path.join(homeFolder(), '.config', 'rexa');
}
