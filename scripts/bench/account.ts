import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

/** Whom the rival lets in. */
export interface Account extends Disposable {
  readonly name: string;
  /** What makes the comparison unfair; null: nothing. */
  readonly limitation: string | null;
}

/**
 * An ordinary account for one measurement, with an empty home and /bin/sh: sshd runs a login shell for each command, and bash
 * reads rc files for it, which may take longer than all the rest. Only root can make one; else it is our own account.
 * @param folder a folder of the measurement, which is opened for the account to pass through
 */
export function openAccount(folder: string): Account {
  if (process.getuid?.() !== 0) {
    const limitation =
      'ssh logs in to your own account: its shell and rc files count. Root measures an ordinary one';
    return { name: userInfo().username, limitation, [Symbol.dispose]: () => {} };
  }
  const name = `rexa-bench-${process.pid}`;
  const home = path.join(folder, 'account');
  fs.chmodSync(folder, 0o711);
  fs.mkdirSync(home);
  // With no password at all sshd takes the account for locked
  const words = ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', '--password', '*', name];
  execFileSync('useradd', words, { stdio: 'ignore' });
  execFileSync('chown', [name, home]);
  return {
    name,
    limitation: null,
    [Symbol.dispose]: () => void execFileSync('userdel', [name], { stdio: 'ignore' }),
  };
}
