import { checkHostKeyProof } from '../../auth/host-key-proof.ts';
import type { HostKeyUpdate } from '../../auth/host-key-update.ts';
import { fingerprint, isSameKey, type PublicKey, readPublicKey } from '../../auth/public-key.ts';
import type { Link } from '../../link/link.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { ShownHostKey } from '../../services/call.ts';
import { hostKeysSchema } from '../../services/host-keys/messages.ts';
import { ask } from '../ask.ts';
import type { ConnectOptions } from '../run-types.ts';
import type { HostTrust } from './host-trust.ts';
import type { Connection } from './verified-connection.ts';

/** What an update of the keys of a host goes by. */
interface UpdateContext {
  readonly trust: HostTrust;
  readonly options: Pick<ConnectOptions, 'knownHosts' | 'updateHostKeys'>;
  readonly log: (line: string) => void;
}

/** Decides whether the keys of hosts are updated. Default, as in ssh: where nobody chose another file of known hosts. */
function readPermission({
  knownHosts,
  updateHostKeys: given = knownHosts === undefined,
}: UpdateContext['options']): Exclude<ConnectOptions['updateHostKeys'], undefined> {
  return given;
}

/** Returns whether a person may be asked about them. */
export function asksOfHostKeys(options: UpdateContext['options']): boolean {
  return typeof readPermission(options) === 'function';
}

/**
 * Learns the keys that a host has beside the one by which it was trusted, and forgets those that it has no more (UpdateHostKeys
 * of ssh_config(5)). Never rejects: what fails is logged.
 */
export async function updateHostKeys(
  { trust, options, log }: UpdateContext,
  { binding, hostKey, verdict }: Connection,
  link: Link,
): Promise<void> {
  const permission = readPermission(options);
  // Keys are learned where the key itself is known, and not where a pin or an authority vouches for the host
  const isByKey = verdict.kind === 'unknown' || (verdict.kind === 'trusted' && verdict.by === 'known_hosts');
  if (permission === false || !isByKey) return;
  try {
    const listed = (await link.peer)?.hostKeys ?? [];
    const known = trust.listKeys();
    const isSame = known.length === listed.length && known.every((each) => listed.includes(each));
    if (isSame || !listed.includes(fingerprint(hostKey))) return;
    // A file may know more keys than a request takes
    const request = { service: 'host-keys', known: known.filter((each) => listed.includes(each)) };
    const { keys: shown } = await ask({ address: trust.address, link }, request, hostKeysSchema);
    const connection = { exporter: binding.exporter, servedKey: hostKey.blob };
    const keys = shown.flatMap((each) => readKey(each, connection, known, log));
    if (!keys.some((key) => isSameKey(key, hostKey))) return;
    const confirm = async (update: HostKeyUpdate): Promise<boolean> =>
      permission === true || permission(describeUpdate(trust.address, update));
    const update = await trust.update(hostKey, keys, confirm);
    for (const key of update?.added ?? []) log(`learned the host key ${key.type} ${fingerprint(key)}`);
    for (const { key } of update?.removed ?? []) log(`removed the host key ${key.type} ${fingerprint(key)}`);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    log(`the keys of the host are not updated: ${error.message}`);
  }
}

/** One whose type is unknown here is passed over. @throws RexaError for a wrong proof: then nothing of it is to be believed */
function readKey(
  { key: text, proof }: ShownHostKey,
  connection: Parameters<typeof checkHostKeyProof>[2],
  known: readonly string[],
  log: (line: string) => void,
): PublicKey[] {
  let key: PublicKey;
  try {
    key = readPublicKey(Buffer.from(text, 'base64'), 'of the host');
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    log(`a host key is passed over: ${error.message}`);
    return [];
  }
  const isProven = key.blob.equals(connection.servedKey) || known.includes(fingerprint(key));
  if (!isProven) checkHostKeyProof(Buffer.from(proof ?? '', 'base64'), key, connection);
  return [key];
}

function describeUpdate(address: string, { added, removed }: HostKeyUpdate) {
  const describe = (key: PublicKey) => ({ keyType: key.type, fingerprint: fingerprint(key) });
  return { address, added: added.map(describe), removed: removed.map(({ key }) => describe(key)) };
}
