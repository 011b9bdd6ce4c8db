import { fingerprint } from '../../auth/public-key.ts';
import type { Config } from '../../client/config/config-schema.ts';
import { listPreceded } from '../../client/config/resolve-host-settings.ts';
import type { OpenOptions } from '../../client/open-host.ts';
import { searchKeys } from '../../client/tls/candidates.ts';
import { chooseAgent } from '../../client/tls/choose-agent.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { showText } from '../../protocol/show-text.ts';
import type { Address } from '../../transports/address.ts';
import { formatTlsAddress } from '../../transports/tls-address.ts';
import type { CalledHost } from '../host/host-plan.ts';
import { writeRows } from '../keys/write-rows.ts';
import { listSettings } from './print-settings.ts';
import type { ResolvedWords } from './resolve.ts';

/** What `--explain` is about. */
export interface Explained {
  readonly resolved: ResolvedWords;
  /** The settings of words and files that count, as they were written. */
  readonly written: SshSettings;
  /** The same expanded, with what rexa's configuration says. */
  readonly settings: SshSettings;
  readonly config: Config | null;
  /** How the host would be opened. */
  readonly connect: OpenOptions;
  /** Jump hosts, the nearest first. */
  readonly jumps: readonly CalledHost[];
  readonly warn: (line: string) => void;
}

/** Always shown, even if nobody has set them. */
const ESSENTIAL: readonly string[] = ['host', 'hostname', 'user', 'port', 'identityfile'];

/**
 * Returns what `--explain` prints: each setting with the place where it was made, the way to the host, and the keys that
 * are offered to it.
 */
export async function explainHost(explained: Explained): Promise<string> {
  const { connect } = explained;
  return [
    `settings of ${showText(explained.resolved.host)}:\n${writeRows(await listOrigins(explained))}`,
    `route:\n${writeRows(listHops(explained))}`,
    connect.target?.kind === 'tls' ? `keys that are offered:\n${writeRows(await listKeys(explained))}` : '',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

async function listOrigins({
  resolved,
  written,
  settings,
  config,
}: Explained): Promise<readonly (readonly string[])[]> {
  const { host, origins } = resolved;
  const configured = new Set(listPreceded(config, host).map(keywordOf));
  const places = new Map(
    [...origins]
      .filter(([name]) => written[name] !== undefined)
      .map(([name, list]) => [keywordOf(name), list.map(({ place }) => place)]),
  );
  const counts = new Map<string, number>();
  return (await listSettings(host, settings, written)).flatMap(([keyword, value]) => {
    const index = counts.get(keyword) ?? 0;
    counts.set(keyword, index + 1);
    const made = places.get(keyword);
    const other = configured.has(keyword) ? 'configuration of rexa' : 'default';
    const place = keyword === 'host' ? 'command line' : (made?.[index] ?? made?.at(-1) ?? other);
    return place === 'default' && !ESSENTIAL.includes(keyword) ? [] : [[keyword, value, place]];
  });
}

/** The keyword of ssh_config(5) in small letters. */
function keywordOf(name: string): string {
  return name.replace(/Ms$/, '').toLowerCase();
}

/** The hosts in the order in which a connection passes them. */
function listHops({ connect: { target }, jumps, settings }: Explained): readonly (readonly string[])[] {
  if (target === undefined) return [];
  const { proxyCommand = null } = settings;
  const isProxied = proxyCommand !== null && jumps.length === 0 && target.kind === 'tls';
  return [
    ...jumps.map(({ named }) => ['jump host', named]),
    ...(isProxied ? [['ProxyCommand', proxyCommand]] : []),
    ['host', describeRoute(target)],
  ];
}

function describeRoute(target: Address): string {
  switch (target.kind) {
    case 'tls':
      return formatTlsAddress(target);
    case 'local':
      return 'the daemon of this user';
    case 'unix':
      return `unix:${target.path}`;
    case 'ready':
      return `ready://${target.host}:${target.port}`;
    case 'ssh':
      return 'through the program ssh, which reads its own configuration';
    case 'exec':
      return `through the program ${target.words.join(' ')}`;
    default:
      return target satisfies never;
  }
}

/** In the order of the attempts. */
async function listKeys({ connect, warn }: Explained): Promise<readonly (readonly string[])[]> {
  const identities = await searchKeys({
    files: connect.identities ?? null,
    certificates: connect.certificates ?? [],
    filesOnly: connect.identitiesOnly,
    agent: chooseAgent(connect.agent),
    warn,
  }).findAll();
  return identities.map(({ offered, source, comment, ...identity }) => [
    `${offered.key.type}${offered.certificate === null ? '' : ' certificate'}`,
    fingerprint(offered),
    `${source}${identity.isLocked() ? ' (locked)' : ''}`,
    comment,
  ]);
}
