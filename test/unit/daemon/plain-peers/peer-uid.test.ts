import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { findPeerUid, findSocketUid, shareReadings } from '../../../../src/daemon/plain-peers/peer-uid.ts';
import { connectRaw } from '../../../fixtures/ready-start/raw-peer.ts';

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** One row of /proc/net/tcp as Linux prints it on a little-endian machine. */
function row(local: string, remote: string, state: string, uid: number, inode: number): string {
  return `   3: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;
}

const PEER = { address: '127.0.0.1', port: 0xbeef };
const OWN = { address: '127.0.0.1', port: 9999 };
const PEER_HEX = '0100007F:BEEF';
const OWN_HEX = '0100007F:270F';
const MAPPED = '0000000000000000FFFF00000100007F';

describe('the table of sockets', () => {
  it.each([
    ['established', row(PEER_HEX, OWN_HEX, '01', 1000, 77), 1000],
    ['half closed by its peer', row(PEER_HEX, OWN_HEX, '05', 1000, 77), 1000],
    ['of root', row(PEER_HEX, OWN_HEX, '01', 0, 77), 0],
    ['mapped into IPv6', row(`${MAPPED}:BEEF`, `${MAPPED}:270F`, '01', 1001, 77), 1001],
    ['seen from the other end only', row(OWN_HEX, PEER_HEX, '01', 1000, 77), null],
    ['of another port', row('0100007F:BEEE', OWN_HEX, '01', 1000, 77), null],
    ['of another address', row('0200007F:BEEF', OWN_HEX, '01', 1000, 77), null],
    ['to another port', row(PEER_HEX, '0100007F:2710', '01', 1000, 77), null],
    ['that no process holds, in TIME_WAIT', row(PEER_HEX, OWN_HEX, '06', 0, 0), null],
    ['that no process holds, in FIN_WAIT2', row(PEER_HEX, OWN_HEX, '05', 0, 0), null],
    ['that no process has accepted', row(PEER_HEX, OWN_HEX, '03', 0, 0), null],
    ['without an inode', row(PEER_HEX, OWN_HEX, '01', 0, 0), null],
    ['that is cut off', row(PEER_HEX, OWN_HEX, '01', 1000, 77).slice(0, 60), null],
    [
      'that two rows tell apart',
      row(PEER_HEX, OWN_HEX, '01', 1000, 77) + row(PEER_HEX, OWN_HEX, '01', 0, 78),
      null,
    ],
    ['that is not there', '', null],
  ])('gives the uid of a socket %s', (_what, rows, uid) => {
    const others = row('0100007F:1F90', '00000000:0000', '0A', 33, 5);
    expect(findSocketUid(`${HEADER}${others}${rows}${others}`, PEER, OWN)).toBe(uid);
  });

  it('knows IPv6 addresses', () => {
    const loopback = '00000000000000000000000001000000';
    const other = 'B80D01200000000000000000EFCD3412';
    const table = HEADER + row(`${loopback}:BEEF`, `${other}:270F`, '01', 42, 9);
    const peer = { address: '::1', port: 0xbeef };
    expect(findSocketUid(table, peer, { address: '2001:db8::1234:cdef', port: 9999 })).toBe(42);
    expect(findSocketUid(table, peer, { address: '2001:db8::1234:cdee', port: 9999 })).toBe(null);
  });

  it.each(['', 'nonsense', '1.2.3', 'fe80::1%eth0', '::ffff:1.2.3', '::1:2:3:4:5:6:7:8:9'])(
    'knows nothing of the address %j',
    (address) => {
      expect(findSocketUid(HEADER, { address, port: 1 }, OWN)).toBe(null);
    },
  );
});

describe.runIf(process.platform === 'linux')('the uid of a peer', () => {
  it.each(['127.0.0.1', '::1'])('at the other end of a real connection to %s is ours', async (host) => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const accepted = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
    const { port } = server.address() as net.AddressInfo;
    using peer = await connectRaw(port, host);
    const socket = await accepted;
    const [theirs, ours] = [
      { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
      { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
    ];
    expect(await findPeerUid(theirs, ours)).toBe(process.geteuid?.());
    peer.socket.destroy();
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await findPeerUid(theirs, ours)).toBe(null);
    await new Promise((resolve) => server.close(resolve));
  });

  it('is not known where the tables cannot be read', async () => {
    expect(await findPeerUid(PEER, OWN, async () => '')).toBe(null);
  });

  it('is looked up again where a table that changes has missed the row', async () => {
    let readings = 0;
    const table = HEADER + row(PEER_HEX, OWN_HEX, '01', 1000, 77);
    expect(await findPeerUid(PEER, OWN, async () => (++readings < 4 ? HEADER : table))).toBe(1000);
  });
});

describe('a table that many look into at once', () => {
  it('is read once for all who ask before a reading starts, and again for those who ask later', async () => {
    const readings: ((text: string) => void)[] = [];
    const read = shareReadings(() => new Promise((resolve) => readings.push(resolve)));
    const first = Promise.all([read('a'), read('a')]);
    await Promise.resolve();
    const second = Promise.all([read('a'), read('a'), read('a')]);
    await Promise.resolve();
    expect(readings.length).toBe(1);
    readings[0]?.('one');
    expect(await first).toEqual(['one', 'one']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(readings.length).toBe(2);
    const third = read('a');
    readings[1]?.('two');
    expect(await second).toEqual(['two', 'two', 'two']);
    await new Promise((resolve) => setImmediate(resolve));
    readings[2]?.('three');
    expect(await third).toBe('three');
  });

  it('goes on after a reading that failed', async () => {
    let readings = 0;
    const read = shareReadings(async () => {
      readings++;
      if (readings === 1) throw new Error('no');
      return 'yes';
    });
    await expect(read('a')).rejects.toThrow('no');
    expect(await read('a')).toBe('yes');
  });
});
