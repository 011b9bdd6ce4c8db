import type { Config } from '../../../client/config/config-schema.ts';
import { readHostName } from '../../../client/host-name.ts';
import type { Suite, SuiteNode } from '../suite.ts';
import type { Target } from './plan.ts';

/** The host of a test that names none. */
const DEFAULT_HOST = 'local';

/**
 * The hosts of a test: those of the command line before its own. A name is a node of the file, a host or a group of the
 * configuration, or an address.
 */
export function chooseTargets(
  suite: Suite,
  nodes: readonly string[],
  given: readonly string[],
  config: Config | null,
): readonly Target[] {
  const names = given.length > 0 ? given : nodes.length > 0 ? nodes : [DEFAULT_HOST];
  const targets = names
    .flatMap((name) => (suite.nodes.has(name) ? [name] : expandGroup(name, config)))
    .map((name) => readTarget(name, suite.nodes.get(name), config));
  return [...new Map(targets.map((target) => [target.label, target])).values()];
}

function expandGroup(name: string, config: Config | null): readonly string[] {
  const group = Object.hasOwn(config?.groups ?? {}, name) ? config?.groups?.[name] : undefined;
  return group === undefined || isHost(name, config) ? [name] : group.hosts;
}

function isHost(name: string, config: Config | null): boolean {
  const hosts = Object.entries(config?.hosts ?? {});
  return hosts.some(([known, { aliases = [] }]) => known === name || aliases.includes(name));
}

function readTarget(label: string, node: SuiteNode | undefined, config: Config | null): Target {
  if (node === undefined) {
    const { address, user } = readHostName(label);
    return { label, called: address, user, identities: [] };
  }
  if (node.type === 'local') return { label, called: DEFAULT_HOST, user: null, identities: [] };
  const identities = node.identityFile === null ? [] : [node.identityFile];
  if (isHost(label, config) || node.address === null)
    return { label, called: label, user: node.user, identities };
  const user = node.user === null ? '' : `${node.user}@`;
  return { label, called: `ssh://${user}${node.address}`, user: null, identities };
}

/** What makes two targets the same connection. */
export function connectionKey({ called, user, identities }: Target): string {
  return JSON.stringify([called, user, identities]);
}

/** The hosts in a text of `--hosts-file`: one a line, `#` begins a comment. */
export function readHostLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
