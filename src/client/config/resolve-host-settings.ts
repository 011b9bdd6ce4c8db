import { readPositiveDuration } from '../../command-line/duration.ts';
import { isRexaAddress } from '../../config/ssh/address-of.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { expandHome } from '../../places/home-folder.ts';
import { type Address, parseAddress } from '../../transports/address.ts';
import type { Config, HostEntry, Settings } from './config-schema.ts';
import type { SshHost, SshSharing } from './ssh-host.ts';

/** What a configuration says of a host; what it does not say is undefined. */
export interface HostSettings extends Partial<Omit<SshHost, 'address' | 'port'>> {
  readonly address: Address;
  readonly user: string | undefined;
  /** Paths of private keys. */
  readonly identities: readonly string[] | undefined;
  /** The path of an agent's socket; null: none. */
  readonly agent: string | null | undefined;
  /** Jump hosts; empty: none. */
  readonly jump: readonly string[] | undefined;
  readonly acceptNew: boolean | undefined;
  readonly connectTimeoutMs: number | undefined;
  /** How long its connection is kept for later calls; undefined: it is not. */
  readonly shareMs: number | undefined;
  readonly encoding: string | undefined;
  readonly stdinEncoding: string | undefined;
  /** As it is written. */
  readonly escape: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** What is given in place of what a configuration says. */
export interface GivenPlace {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** False: the files of ssh are not read, whatever the configuration says. */
  readonly sshConfig?: false | undefined;
}

/** The settings of ssh's default files that a setting of the configuration precedes. */
const PRECEDED = {
  user: ['user'],
  port: ['port'],
  identities: ['identityFile', 'identitiesOnly'],
  agent: ['identityAgent'],
  // Of ProxyJump and ProxyCommand the files of ssh give one
  jump: ['proxyJump', 'proxyCommand'],
  'accept-new': ['strictHostKeyChecking'],
  'connect-timeout': ['connectTimeoutMs'],
  share: ['controlMaster', 'controlPath', 'controlPersistMs'],
  escape: ['escapeChar'],
} as const satisfies Partial<Record<keyof Settings, readonly (keyof SshSettings)[]>>;
/** The same of an entry of a host. */
const PRECEDED_BY_ENTRY = ['hostName', 'port'] as const;

/** Lists the settings of ssh's default files that a configuration precedes for a host. */
export function listPreceded(config: Config | null, called: string): readonly (keyof SshSettings)[] {
  const { entry, levels } = findLevels(config, called);
  const given = Object.entries(PRECEDED).filter(([setting]) =>
    levels.some((level) => level[setting as keyof Settings] !== undefined),
  );
  return [...given.flatMap(([, names]) => names), ...(entry === null ? [] : PRECEDED_BY_ENTRY)];
}

/** What says something of a host, the nearest first. */
function findLevels(config: Config | null, called: string) {
  const { name, entry } = findEntry(config, called);
  const isCalled = new Set([name, called, ...(entry?.aliases ?? [])]);
  const groups = Object.values(config?.groups ?? {}).filter(({ hosts }) =>
    hosts.some((each) => isCalled.has(each)),
  );
  const levels: readonly Settings[] = [entry ?? {}, ...groups, config?.defaults ?? {}];
  return { name, entry, levels };
}

/**
 * What holds for a host: its own entry before its groups, in the order of the file, before the defaults, before the
 * files of ssh, if they are to be read. Variables of all of them are joined.
 * @param called the host's name, one of its aliases, or an address
 * @param given an address, or a port, in place of that which the name stands for
 * @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED
 */
export function resolveHostSettings(
  config: Config | null,
  called: string,
  given: GivenPlace = {},
): HostSettings {
  const { name, entry, levels } = findLevels(config, called);
  const readsSsh = given.sshConfig !== false && isSshHost(config, called);
  const ssh = readsSsh ? config?.readSshHost?.(called, listPreceded(config, called)) : undefined;
  const find = <Name extends keyof Settings>(setting: Name): Settings[Name] =>
    levels.find((level) => level[setting] !== undefined)?.[setting];
  const agent = find('agent');
  const timeout = find('connect-timeout');
  const share = find('share');
  return {
    ...ssh,
    address: readAddress(
      entry,
      given.address ?? ssh?.address ?? entry?.address,
      name,
      find('port') ?? ssh?.port,
      given.port,
    ),
    user: find('user') ?? ssh?.user,
    identities: find('identities')?.map(expandHome) ?? ssh?.identities,
    agent: agent === 'none' ? null : agent === undefined ? ssh?.agent : expandHome(agent),
    jump: readJump(find('jump')) ?? ssh?.jump,
    acceptNew: find('accept-new'),
    connectTimeoutMs: timeout === undefined ? ssh?.connectTimeoutMs : readPositiveDuration(String(timeout)),
    shareMs: share === undefined || share === false ? undefined : readPositiveDuration(String(share)),
    encoding: find('encoding'),
    stdinEncoding: find('stdin-encoding'),
    escape: find('escape'),
    // Not assigned one by one: `__proto__` is a name like others
    env: Object.fromEntries(levels.toReversed().flatMap(({ env = {} }) => Object.entries(env))),
  };
}

/** Where a connection leads in the end, for settings with tokens. */
type FinalPlace = Parameters<SshSharing['controlPath']>[0];

/** Returns the final place of a host over TLS; null: it is another one. */
export function findFinalPlace(
  { address }: Pick<HostSettings, 'address'>,
  user: string | undefined,
): FinalPlace | null {
  return address.kind === 'tls' ? { hostName: address.host, port: address.port, user } : null;
}

/**
 * Returns the program of a host's connection for its final address and user; null: none.
 * @throws RexaError USAGE for names that a shell could take for syntax
 */
export function expandProxyCommand(settings: HostSettings, user: string | undefined): string | null {
  const place = findFinalPlace(settings, user);
  return settings.proxyCommand && place ? settings.proxyCommand(place) : null;
}

function readJump(jump: string | readonly string[] | undefined): readonly string[] | undefined {
  return jump === 'none' ? [] : jump === undefined ? undefined : [jump].flat();
}

/** Returns whether a configuration has an entry for a host, by its name or an alias. */
export function isConfiguredHost(config: Config | null, called: string): boolean {
  return findEntry(config, called).entry !== null;
}

/**
 * Returns whether the default files of ssh are about a host: one by name, and not an address of rexa or a host that is
 * reached in another way than over TLS.
 * @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED
 */
export function isSshHost(config: Config | null, called: string): boolean {
  if (!isConfiguredHost(config, called)) return !isRexaAddress(called);
  return resolveHostSettings(config, called, { sshConfig: false }).address.kind === 'tls';
}

/** The entry that a name or an alias stands for. */
function findEntry(
  config: Config | null,
  called: string,
): { readonly name: string; readonly entry: HostEntry | null } {
  const hosts = config?.hosts ?? {};
  const own = Object.hasOwn(hosts, called) ? hosts[called] : undefined;
  if (own !== undefined) return { name: called, entry: own };
  const found = Object.entries(hosts).find(([, { aliases }]) => aliases?.includes(called));
  return found === undefined ? { name: called, entry: null } : { name: found[0], entry: found[1] };
}

function readAddress(
  entry: HostEntry | null,
  text: string | undefined,
  name: string,
  port: number | undefined,
  givenPort: number | undefined,
): Address {
  if (text === undefined && entry?.command !== undefined) return { kind: 'exec', words: entry.command };
  const address = parseAddress(text ?? name, port);
  if (address.kind !== 'tls') return address;
  return { ...address, port: givenPort ?? address.port, pin: entry?.pin ?? address.pin };
}
