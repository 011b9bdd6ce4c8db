import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { type JobHome, makeJobHome } from '../../fixtures/jobs.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** What would change, or break, each program of ours if Node saw it. */
const HOSTILE: Readonly<Record<string, string>> = {
  NODE_OPTIONS: '--require=/nowhere/preload.js --permission --tls-max-v1.2',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
  NODE_PATH: '/nowhere',
  NODE_DEBUG: 'net,tls,child_process',
  NODE_DEBUG_NATIVE: 'inspector_server',
  NODE_REPL_EXTERNAL_MODULE: '/nowhere/repl.js',
  NODE_PENDING_DEPRECATION: '1',
  NODE_ICU_DATA: '/nowhere',
  NODE_CHANNEL_FD: '0',
  NODE_UNIQUE_ID: '1',
  NODE_USE_ENV_PROXY: '1',
  OPENSSL_CONF: '/nowhere/openssl.cnf',
  OPENSSL_MODULES: '/nowhere',
  SSL_CERT_FILE: '/nowhere/ca.pem',
  UV_THREADPOOL_SIZE: '1',
  ICU_TIMEZONE_FILES_DIR: '/nowhere',
  NODE_OF_A_LATER_VERSION: '1',
};

let home: JobHome;
let daemon: TestDaemon;
let folder: string;
let env: Readonly<Record<string, string | undefined>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-launch-'));
  writeFileSync(join(folder, 'preload.js'), `require('fs').writeFileSync(__dirname + '/loaded', '')`);
  env = {
    ...HOSTILE,
    NODE_OPTIONS: `--require=${folder}/preload.js`,
    NODE_V8_COVERAGE: `${folder}/coverage`,
    NODE_COMPILE_CACHE: `${folder}/compiled`,
    NODE_REDIRECT_WARNINGS: `${folder}/warnings`,
    NODE_REPL_HISTORY: `${folder}/history`,
    SSLKEYLOGFILE: `${folder}/keys`,
    QLOGDIR: folder,
  };
  home = makeJobHome();
  daemon = await startDaemon({ env: { ...home.env, ...env } });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe('variables of Node', () => {
  it('change nothing of the client', async () => {
    const words = ['run', '-n', daemon.address, '--', 'echo', 'here'];
    const { status, stdout, stderr } = await runRexa(words, { env });
    expect([status, stdout.toString(), stderr]).toEqual([0, 'here\n', '']);
    const broken = await runRexa(words, { env: HOSTILE });
    expect([broken.status, broken.stdout.toString(), broken.stderr]).toEqual([0, 'here\n', '']);
  });

  it('reach neither the daemon nor the supervisor of jobs that it starts', async () => {
    const { status } = await runRexa(['run', '-n', '--id', 'job', daemon.address, '--', 'true'], { env });
    expect(status).toBe(0);
    for (const pid of [daemon.pid, ...home.supervisors()]) {
      const names = readFileSync(`/proc/${pid}/environ`, 'latin1')
        .split('\0')
        .map((each) => each.split('=')[0]);
      expect(names.filter((name) => name !== undefined && Object.hasOwn(env, name))).toEqual([]);
    }
    expect(home.supervisors()).toHaveLength(1);
  });

  it('reach no daemon that `local` starts', async () => {
    const local = { ...env, ...home.env, XDG_RUNTIME_DIR: folder };
    const words = ['run', '-n', 'local', '--', 'sh', '-c', 'cat /proc/$PPID/environ; kill $PPID'];
    const { stdout } = await runRexa(words, { env: local });
    const names = stdout
      .toString('latin1')
      .split('\0')
      .map((each) => each.split('=')[0]);
    expect(names).toContain('HOME');
    expect(names.filter((name) => name !== undefined && Object.hasOwn(env, name))).toEqual([]);
  });

  it('leave no files behind', () => {
    for (const name of ['loaded', 'coverage', 'compiled', 'warnings', 'history', 'keys'])
      expect([name, existsSync(join(folder, name))]).toEqual([name, false]);
  });

  it('are sent to a command that is to have them', async () => {
    const options = ['-o', 'SendEnv=NODE_ENV', '-o', 'SendEnv=SSLKEY*', '-n'];
    const given = { NODE_ENV: "it's\n$(id) é", SSLKEYLOGFILE: '' };
    const { stdout } = await runRexa(['ssh', ...options, daemon.address, 'env -0'], { env: given });
    const sent = stdout
      .toString()
      .split('\0')
      .filter((each) => /^(NODE|SSL|REXA_KEPT)/.test(each));
    expect(sent.toSorted()).toEqual(["NODE_ENV=it's\n$(id) é", 'SSLKEYLOGFILE=']);
  });
});
