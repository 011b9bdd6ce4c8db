import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RexaError } from '../protocol/errors.ts';
import { withFileLock } from './file-lock.ts';
import { readGuardedFile } from './guarded-file.ts';
import { parseHostAddress } from './host-address.ts';
import { type HostKeyUpdate, planHostKeyUpdate } from './host-key-update.ts';
import { hashField, isFieldAbout, isForeignHash } from './known-host-field.ts';
import {
  checkHost,
  explainVerdict,
  formatKnownHost,
  type KnownHost,
  parseKnownHosts,
} from './known-hosts.ts';
import { MAX_KNOWN_HOSTS_BYTES } from './limits.ts';
import { fingerprint, type PublicKey } from './public-key.ts';
import { splitLines } from './split-lines.ts';
import { checkFolder, makeFolder, replaceFile } from './write-file.ts';

/**
 * Reads known_hosts. A file that does not exist has no hosts.
 * @throws RexaError AUTH_FILE_UNSAFE (others may write it or its folder), AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE
 */
export async function readKnownHosts(
  file: string,
): Promise<{ readonly hosts: KnownHost[]; readonly problems: RexaError[] }> {
  return parseKnownHosts(await readBytes(file), file);
}

/**
 * Adds a key of a host, in addition to its other keys. Creates the folder if needed.
 * @param address as returned by `formatHostAddress`
 * @returns false if the host already had this key
 * @throws RexaError as {@link readKnownHosts}, AUTH_FILE_UNWRITABLE, AUTH_FILE_LOCKED
 */
export async function addKnownHost(file: string, address: string, key: PublicKey): Promise<boolean> {
  await makeFolder(path.dirname(file), 'shared');
  return addUnless(file, address, key, () => null);
}

/**
 * Adds the key of an unknown host after a person trusted it. Fails if another rexa process added a different key meanwhile.
 * Like ssh, it does not create a folder.
 * @param isHashed whether the line does not show the name of the host
 * @throws RexaError AUTH_HOST_CHANGED, and as {@link addKnownHost}
 */
export async function learnKnownHost(
  file: string,
  address: string,
  key: PublicKey,
  isHashed = false,
): Promise<boolean> {
  const refuse = (hosts: readonly KnownHost[]): RexaError | null => {
    const verdict = checkHost(hosts, address, key, null);
    return verdict.kind === 'unknown' ? null : explainVerdict(verdict, address, key, file);
  };
  return addUnless(file, address, key, refuse, isHashed);
}

async function addUnless(
  file: string,
  address: string,
  key: PublicKey,
  refuse: (hosts: readonly KnownHost[]) => RexaError | null,
  isHashed = false,
): Promise<boolean> {
  const host = parseHostAddress(address);
  const line = formatKnownHost(isHashed ? hashField(host) : host, key);
  await checkFolder(path.dirname(file), 'shared');
  return withFileLock(file, async () => {
    const bytes = await readBytes(file);
    const { hosts } = parseKnownHosts(bytes, file);
    if (checkHost(hosts, host, key, null).kind === 'trusted') return false;
    const refusal = refuse(hosts);
    if (refusal !== null) throw refusal;
    // A truncated last line stays a line of its own.
    const separator = bytes.length === 0 || bytes.at(-1) === 0x0a ? '' : '\n';
    await replaceFile(file, Buffer.concat([bytes, Buffer.from(`${separator}${line}\n`)]));
    return true;
  });
}

/**
 * Removes all keys of a host; all other lines stay unchanged.
 * @param address as returned by `formatHostAddress`
 * @returns the count of removed lines
 * @throws RexaError as {@link addKnownHost}
 */
export async function removeKnownHost(file: string, address: string): Promise<number> {
  const host = parseHostAddress(address);
  if ((await readBytes(file)).length === 0) return 0;
  return withFileLock(file, async () => {
    const bytes = await readBytes(file);
    const gone = new Set(
      parseKnownHosts(bytes, file)
        .hosts.filter((each) => isOnlyAbout(each, host))
        .map((each) => each.line),
    );
    if (gone.size === 0) return 0;
    const newline = Buffer.from('\n');
    const kept = [...splitLines(bytes)].filter(({ number }) => !gone.has(number));
    await replaceFile(file, Buffer.concat(kept.flatMap((line) => [line.bytes, newline])));
    return gone.size;
  });
}

/**
 * Writes the keys that a host has: adds those that are new, and removes the lines of others; all other lines stay unchanged.
 * @param served the key that the host has proven by TLS
 * @param keys the keys of the host that are accepted, with that one
 * @param isHashed whether new lines do not show the name of the host, even if its other lines do
 * @param confirm decides whether it is done, before the file is locked
 * @returns what has changed; null: nothing
 * @throws RexaError as {@link addKnownHost}
 */
export async function updateKnownHost(
  file: string,
  address: string,
  served: PublicKey,
  keys: readonly PublicKey[],
  isHashed: boolean,
  confirm: (update: HostKeyUpdate) => Promise<boolean>,
): Promise<HostKeyUpdate | null> {
  const host = parseHostAddress(address);
  const plan = (bytes: Buffer): HostKeyUpdate | null =>
    planHostKeyUpdate(parseKnownHosts(bytes, file).hosts, host, served, keys);
  const planned = plan(await readBytes(file));
  if (planned === null || !(await confirm(planned))) return null;
  return withFileLock(file, async () => {
    const bytes = await readBytes(file);
    const update = plan(bytes);
    // Somebody else has changed it meanwhile, and what it would be now was not confirmed
    if (update === null || !isDeepStrictEqual(changesOf(update), changesOf(planned))) return null;
    const gone = new Set(update.removed.map(({ line }) => line));
    const newline = Buffer.from('\n');
    const kept = [...splitLines(bytes)].filter(({ number }) => !gone.has(number));
    const added = update.added.map((key) =>
      formatKnownHost(isHashed || update.isHashed ? hashField(host) : host, key),
    );
    const lines = [...kept.map((line) => line.bytes), ...added.map((line) => Buffer.from(line))];
    await replaceFile(file, Buffer.concat(lines.flatMap((line) => [line, newline])));
    return update;
  });
}

function changesOf({ added, removed }: HostKeyUpdate): readonly (readonly string[])[] {
  return [added, removed.map(({ key }) => key)].map((keys) => keys.map(fingerprint));
}

/** Like `ssh-keygen -R`: lines with several hosts, with patterns and with markers stay. */
function isOnlyAbout({ address, marker }: KnownHost, host: string): boolean {
  if (marker !== undefined || isForeignHash(address) || /[*?!,]/.test(address)) return false;
  return isFieldAbout(address, host);
}

/** Only the file and its folder are checked. Either may be below a folder like /tmp, as in ssh. */
async function readBytes(file: string): Promise<Buffer> {
  const folder = path.dirname(file);
  const content = await readGuardedFile(file, {
    kind: 'shared',
    maxBytes: MAX_KNOWN_HOSTS_BYTES,
    home: folder,
  });
  return content === null || content === 'unchanged' ? Buffer.alloc(0) : content.bytes;
}
