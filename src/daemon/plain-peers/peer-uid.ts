import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';

/** One end of a TCP connection. */
export interface Endpoint {
  /** As Node gives it: `127.0.0.1`, `::1`, `::ffff:127.0.0.1`. */
  readonly address: string;
  readonly port: number;
}

/** The tables of the kernel, proc_pid_net(5). A socket of an IPv6 family that speaks IPv4 is in the second. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;
/** A table that changes while it is read may miss a row. */
const READINGS = 3;
/**
 * ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT (include/net/tcp_states.h): a process still holds the socket. In the
 * others the kernel reports uid 0 whatever the user was.
 */
const HELD_STATES: ReadonlySet<string> = new Set(['01', '04', '05', '08']);

/**
 * The uid of the process at the other end of a TCP connection on this machine, as the kernel knows it; null when it
 * can't be told (other systems, a peer that is gone already).
 * @param peer the other end: its own socket is what is looked up
 * @param own our end
 */
export async function findPeerUid(
  peer: Endpoint,
  own: Endpoint,
  readTable: (path: string) => Promise<string> = readShared,
): Promise<number | null> {
  for (let reading = 0; reading < READINGS; reading++) {
    for (const path of TABLES) {
      const uid = findSocketUid(await readTable(path), peer, own);
      if (uid !== null) return uid;
    }
  }
  return null;
}

/**
 * The uid in the row of the socket `local` connected to `remote`, in the text of /proc/net/tcp or tcp6; null without
 * such a row, when no process holds the socket any more, or when rows contradict each other.
 */
export function findSocketUid(table: string, local: Endpoint, remote: Endpoint): number | null {
  const uids = new Set<number>();
  for (const pair of showPairs(local, remote)) {
    for (let at = table.indexOf(pair); at !== -1; at = table.indexOf(pair, at + 1)) {
      const uid = readRow(table.slice(at, endOfLine(table, at)));
      if (uid !== null) uids.add(uid);
    }
  }
  const [uid] = uids;
  return uids.size === 1 && uid !== undefined ? uid : null;
}

/** Both ends as a row shows them: in IPv4, and the same in IPv6. */
function showPairs(local: Endpoint, remote: Endpoint): string[] {
  const hexes = [local, remote].map(({ address }) => showAddress(address));
  const ports = [local, remote].map(({ port }) => port.toString(16).toUpperCase().padStart(4, '0'));
  const [localHex, remoteHex] = hexes;
  if (!localHex || !remoteHex) return [];
  return localHex.flatMap((hex, family) => {
    const other = remoteHex[family];
    return other === undefined ? [] : [` ${hex}:${ports[0]} ${other}:${ports[1]} `];
  });
}

/** An address as the tables print it: 32-bit words in the host's byte order. IPv6 first, then IPv4 if it is that. */
function showAddress(address: string): string[] | null {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (net.isIPv4(plain)) {
    const word = showWord(plain.split('.').map(Number));
    return [`${'0'.repeat(16)}${showWord([0, 0, 0xff, 0xff])}${word}`, word];
  }
  return net.isIPv6(plain) && !plain.includes('.') && !plain.includes('%') ? [showIpv6(plain)] : null;
}

function showIpv6(address: string): string {
  const [head = [], tail = []] = address.split('::').map(readGroups);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  const bytes = [...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]);
  return [0, 4, 8, 12].map((at) => showWord(bytes.slice(at, at + 4))).join('');
}

function readGroups(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

function showWord(bytes: readonly number[]): string {
  const ordered = os.endianness() === 'LE' ? bytes.toReversed() : bytes;
  return ordered.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

function endOfLine(table: string, from: number): number {
  const end = table.indexOf('\n', from);
  return end === -1 ? table.length : end;
}

/** A row from its local address on: `local remote state queues timer retransmits uid timeout inode …`. */
function readRow(row: string): number | null {
  const [, , state = '', , , , uid = '', , inode = ''] = row.trim().split(/\s+/);
  // Without an inode no process has the socket open, and the uid is not its own.
  if (!HELD_STATES.has(state) || !/^\d+$/.test(uid) || !/^[1-9]\d*$/.test(inode)) return null;
  return Number(uid);
}

/** Makes a reader that many may ask at once: all who ask while it reads share the next reading, none an older one. */
export function shareReadings(read: (path: string) => Promise<string>): (path: string) => Promise<string> {
  const current = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<string>>();

  async function readNext(path: string): Promise<string> {
    await current.get(path);
    next.delete(path);
    const reading = read(path);
    const settled = reading.then(forget, forget);
    current.set(path, settled);
    return await reading;

    function forget(): void {
      if (current.get(path) === settled) current.delete(path);
    }
  }

  return (path) => {
    const waiting = next.get(path);
    if (waiting !== undefined) return waiting;
    const reading = readNext(path);
    next.set(path, reading);
    return reading;
  };
}

const readShared = shareReadings(readOrNothing);

async function readOrNothing(path: string): Promise<string> {
  try {
    return await fs.readFile(path, 'latin1');
  } catch {
    return '';
  }
}
