import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openAccount } from './account.ts';
import { startSshd } from './sshd.ts';

/** What root had to do for the measurements, which themselves run as an ordinary account. */
export interface Stage {
  /** The account's home folder, with a key in `.ssh` that lets it in everywhere. */
  readonly home: string;
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  /** What makes the comparison unfair; null: nothing. */
  readonly limitation: string | null;
  /** Of an sshd that lets the account in; null where none is installed. */
  readonly sshdPort: number | null;
}

/** Where the stage stands in the environment of the process that measures. */
const VARIABLE = 'REXA_BENCH_STAGE';

/** Makes the account, its keys and the sshd. Whatever was made is removed when the block is left, or where this fails. */
export async function openStage(): Promise<Stage & AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'rexa-bench-'));
  undo.defer(() => fs.rmSync(folder, { recursive: true, force: true }));
  const { name: user, uid, gid, home, limitation } = undo.use(openAccount(folder));
  checkReadable(uid, gid);
  const hostKey = path.join(folder, 'sshd_key');
  const ssh = path.join(home, '.ssh');
  fs.mkdirSync(ssh, { mode: 0o700 });
  makeKey(hostKey);
  makeKey(path.join(ssh, 'id_ed25519'));
  fs.copyFileSync(path.join(ssh, 'id_ed25519.pub'), path.join(ssh, 'authorized_keys'));
  for (const file of [ssh, ...fs.readdirSync(ssh).map((each) => path.join(ssh, each))])
    fs.chownSync(file, uid, gid);
  const sshd = await startSshd(hostKey, path.join(ssh, 'authorized_keys'));
  if (sshd !== null) undo.use(sshd);
  const kept = undo.move();
  return {
    home,
    user,
    uid,
    gid,
    limitation,
    sshdPort: sshd?.port ?? null,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The environment of a process that measures on this stage. */
export function stageEnvironment(stage: Stage): NodeJS.ProcessEnv {
  const { PATH, LANG } = process.env;
  const own = { HOME: stage.home, USER: stage.user, REXA_NODE: process.execPath };
  return { PATH, LANG, ...own, [VARIABLE]: JSON.stringify(stage) };
}

/** The stage that this process measures on; null: it has yet to be made. */
export function findStage(): Stage | null {
  const text = process.env[VARIABLE];
  return text === undefined ? null : (JSON.parse(text) as Stage);
}

/** The stage that this process measures on. */
export function readStage(): Stage {
  const stage = findStage();
  if (stage === null) throw new Error('measurements are started by npm run bench');
  return stage;
}

/** How OpenSSH is called there. */
export function sshWords({ home, user, sshdPort }: Stage): string[] {
  const options = [`UserKnownHostsFile=${home}/.ssh/known_hosts`, 'StrictHostKeyChecking=no'];
  const key = path.join(home, '.ssh/id_ed25519');
  return ['-F', 'none', '-q', ...options.flatMap((each) => ['-o', each]), '-i', key, '-l', user].concat(
    '-p',
    String(sshdPort),
  );
}

function checkReadable(uid: number, gid: number): void {
  const { status } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(import.meta.filename)})`], {
    uid,
    gid,
    env: {},
  });
  if (status !== 0)
    throw new Error(
      `an ordinary account cannot read ${import.meta.filename}: put the clone where everybody may read it, or measure without root`,
    );
}

function makeKey(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
}
