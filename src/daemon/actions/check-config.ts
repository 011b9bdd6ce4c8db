import fs from 'node:fs';
import path from 'node:path';
import { openAuthorizedKeys } from '../../auth/authorized-keys.ts';
import { parseAuthorizedKeys } from '../../auth/authorized-line.ts';
import { readGuardedFile } from '../../auth/guarded-file.ts';
import { findHostKey } from '../../auth/host-key.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { hostKeyPlace } from '../../places/login-files.ts';
import { checkSocketPath } from '../../process/unix-socket.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../../protocol/limits.ts';
import { resolveEncoding } from '../../transcode/encoding.ts';
import { type Address, parseAddress } from '../../transports/address.ts';
import { formatTlsAddress } from '../../transports/tls-address.ts';
import { readReadyOptions } from '../listen/listen-ready.ts';
import type { LoginFiles } from '../listen/listener.ts';
import { cannotListen } from '../listen/refuse-listening.ts';
import type { DaemonOptions } from '../options.ts';
import { refuseRoot } from '../refuse-root.ts';
import { printRows, say } from './say.ts';

type Row = readonly [name: string, value: string];

/**
 * `rexad check-config`: what a start with these options would come to, as far as that can be told without listening. It makes
 * no file, and touches no daemon.
 * @returns the exit status: 0, or 1 where a daemon would not start, or would let nobody in
 */
export async function checkConfig(options: DaemonOptions): Promise<number> {
  const rows: Row[] = [['configuration', options.config ?? 'none']];
  let problems = 0;
  async function check(run: () => readonly Row[] | Promise<readonly Row[]>): Promise<void> {
    try {
      rows.push(...(await run()));
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      problems++;
      say(error.message);
    }
  }

  const addresses: Address[] = [];
  for (const url of options.listen) {
    await check(async () => {
      const address = parseAddress(url);
      addresses.push(address);
      await checkAddress(address);
      return [['listen', url]];
    });
  }
  await check(async () => {
    refuseRoot(addresses, options.allowRoot);
    return [];
  });
  await check(async () => {
    if (options.encoding !== null) await resolveEncoding(options.encoding);
    return [];
  });
  await check(() => checkAudit(options.audit));
  if (addresses.some(({ kind }) => kind === 'tls')) {
    await check(async () => [await describeHostKey(options.login.hostKey)]);
    await check(async () => [await checkKeys(options.login)]);
  }
  printRows(rows);
  if (problems > 0) return 1;
  process.stdout.write('ok\n');
  return 0;
}

async function checkAddress(address: Address): Promise<void> {
  switch (address.kind) {
    case 'local':
    case 'unix':
      return checkSocketPath(address.path);
    case 'tls':
      if (address.pin !== null)
        throw new RexaError('ADDRESS_INVALID', [formatTlsAddress(address), 'a pin is for clients']);
      return;
    case 'ready': {
      const { encoding } = readReadyOptions(address);
      if (!['host', 'auto'].includes(encoding)) await resolveEncoding(encoding);
      return;
    }
    case 'exec':
    case 'ssh':
      throw cannotListen(address);
    default:
      return address satisfies never;
  }
}

function checkAudit(file: string | null): readonly Row[] {
  if (file === null) return [];
  const place = path.resolve(file);
  try {
    const isThere = fs.existsSync(place);
    fs.accessSync(isThere ? place : path.dirname(place), fs.constants.W_OK);
  } catch (cause) {
    throw new RexaError('AUDIT_FAILED', [place, (cause as Error).message], { cause });
  }
  return [['audit', place]];
}

async function describeHostKey(file: string | null): Promise<Row> {
  const place = file === null ? hostKeyPlace() : path.resolve(file);
  const key = await findHostKey(place);
  return [
    'host key',
    key === null ? `none yet; the first start makes ${place}` : `${fingerprint(key.publicKey)}  ${place}`,
  ];
}

/** Lines that cannot be used are named, and are no problem for those of others. @throws RexaError for files that let nobody in */
async function checkKeys({ authorizedKeys, revokedKeys }: LoginFiles): Promise<Row> {
  const home = homeFolder();
  let count = 0;
  for (const file of authorizedKeys) {
    const content = await readGuardedFile(file, {
      kind: 'trusted',
      maxBytes: MAX_AUTHORIZED_KEYS_BYTES,
      home,
    });
    if (content === null || content === 'unchanged') continue;
    for (const line of parseAuthorizedKeys(content.bytes, file)) {
      if (line.kind === 'key') count++;
      else say(line.problem.message);
    }
  }
  const problems: RexaError[] = [];
  const report = (problem: RexaError): void => void problems.push(problem);
  await openAuthorizedKeys({ files: [], revokedKeys, home, report }).read();
  if (problems[0] !== undefined) throw problems[0];
  const files = authorizedKeys.join(', ');
  if (count === 0) say(`nobody may log in over tls:// yet, by ${files}: rexa keys authorize FILE adds a key`);
  return ['may log in', `${count === 1 ? '1 key' : `${count} keys`}, by ${files}`];
}
