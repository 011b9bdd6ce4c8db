import type { OutputCheck } from '../assertions/checked-output.ts';
import { boolean, filledText, oneOrMore } from '../parse/fields.ts';
import { showKey } from '../parse/mistake.ts';
import { type CheckKind, COMMON_CHECK_FIELDS, expectFact, shellProgram } from './check-kind.ts';

/** States of sockets in /proc/net: of TCP one that listens, of UDP one that is not connected. */
const LISTENING = { tcp: '0A', udp: '07' } as const;

/** Prints the sockets in a state; without IPv6 there is no second file. */
const PROGRAM = `wanted="^ *[0-9]*: [0-9A-F]*:[0-9A-F]* [0-9A-F]*:[0-9A-F]* $1 "
sed -n "/$wanted/p" "/proc/net/$2" || exit
sed -n "/$wanted/p" "/proc/net/\${2}6" 2>/dev/null; :`;

const FIELDS = {
  ...COMMON_CHECK_FIELDS,
  listening: boolean('Whether the port is open. Default: true'),
  ip: oneOrMore('Addresses on which the port is open', filledText('An address')),
} as const;

/** A socket that listens. */
interface Listener {
  readonly ip: string;
  readonly port: number;
}

/** `port:` of goss, by /proc/net. */
export const PORT_CHECK: CheckKind<typeof FIELDS> = {
  key: 'port',
  about: 'Ports of the host: tcp:22, tcp6:22, udp:53 or udp6:53',
  fields: FIELDS,
  make(name, values) {
    const [, protocol, six, digits] = /^(tcp|udp)(6?):(\d{1,5})$/.exec(name) ?? [];
    const port = Number(digits);
    if ((protocol !== 'tcp' && protocol !== 'udp') || port < 1 || port > 65_535)
      return `${showKey(name)} is no port; write it as tcp:22, tcp6:22, udp:53 or udp6:53`;
    const find = (output: string): readonly Listener[] =>
      parseListeners(output, LISTENING[protocol]).filter(
        (each) => each.port === port && (six === '6' ? each.ip.includes(':') : isReachedByFour(each)),
      );
    const { listening = true, ip = [] } = values;
    return {
      argv: shellProgram(PROGRAM, LISTENING[protocol], protocol),
      stdout: [
        expectFact('listening', String(listening), (output) => String(find(output).length > 0)),
        ...ip.map((address) => expectAddress(normalizeIp(address), find)),
      ],
    };
  },
};

/** A socket on `::` takes connections of IPv4 too, unless it says otherwise, which cannot be seen. */
function isReachedByFour({ ip }: Listener): boolean {
  return !ip.includes(':') || ip === '::';
}

function expectAddress(ip: string, find: (output: string) => readonly Listener[]): OutputCheck {
  return {
    key: 'ip',
    words: `says that a process listens on ${ip}`,
    check({ whole }) {
      const found = find(whole).map((each) => each.ip);
      if (found.includes(ip)) return null;
      return { message: `no process listens on ${ip}, only on ${found.join(', ') || 'no address'}` };
    },
  };
}

function parseListeners(output: string, state: string): readonly Listener[] {
  return output.split('\n').flatMap((line) => {
    const [, local = '', , found] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (found !== state || !/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(address)) return [];
    return [{ ip: decodeIp(address), port: Number.parseInt(port, 16) }];
  });
}

/** Words of 32 bits, each in the byte order of the machine: that of x86 and ARM. */
function decodeIp(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = bytes.join('').match(/.{4}/g) ?? [];
  return normalizeIp(groups.join(':'));
}

function normalizeIp(text: string): string {
  if (!text.includes(':')) return text;
  return URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? text;
}
