import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

/** Whom everything is measured as: rexad and its client, and whom sshd lets in. */
export interface Account extends Disposable {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** What makes the comparison unfair; null: nothing. */
  readonly limitation: string | null;
}

/**
 * An ordinary account for one measurement, with an empty home and /bin/sh: sshd runs a login shell for each command, and bash
 * reads rc files for it, which may take longer than all the rest. Only root can make one; else it is our own account.
 * @param folder a folder of the measurement, which is opened for the account to pass through
 */
export function openAccount(folder: string): Account {
  const home = path.join(folder, 'home');
  fs.mkdirSync(home, { mode: 0o755 });
  if (process.getuid?.() !== 0) {
    const { username: name, uid, gid } = userInfo();
    const limitation =
      'ssh logs in to your own account: its shell and rc files count. Root measures an ordinary one';
    return { name, uid, gid, home, limitation, [Symbol.dispose]: () => {} };
  }
  const name = `rexa-bench-${process.pid}`;
  fs.chmodSync(folder, 0o711);
  // With no password at all sshd takes the account for locked
  const words = ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', '--password', '*', name];
  execFileSync('useradd', words, { stdio: 'ignore' });
  const [uid = 0, gid = 0] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, name])));
  fs.chownSync(home, uid, gid);
  return {
    name,
    uid,
    gid,
    home,
    limitation: null,
    // A process of its own that is still there must not keep it
    [Symbol.dispose]: () => void execFileSync('userdel', ['--force', name], { stdio: 'ignore' }),
  };
}
