import { isIP } from 'node:net';
import { userEnvironment } from '../../runtime/node-variables.ts';
import { invalid } from './config-error.ts';
import type { SshSettings } from './settings.ts';

/** What the name of a host is made canonical by. */
export type CanonicalRules = Pick<
  SshSettings,
  | 'addressFamily'
  | 'canonicalDomains'
  | 'canonicalizeFallbackLocal'
  | 'canonicalizeHostname'
  | 'canonicalizeMaxDots'
  | 'proxyCommand'
  | 'proxyJump'
>;

/** Returns the first of some names that has an address, or null. */
export type FindName = (names: readonly string[], family: 0 | 4 | 6) => string | null;

const DEFAULT_MAX_DOTS = 1;
const FAMILIES = { any: 0, inet: 4, inet6: 6 } as const;

/**
 * Returns the canonical name of a host (CanonicalizeHostname of ssh_config(5)): with the first of CanonicalDomains under which
 * it has an address. The name itself where it is not to be changed.
 * @throws RexaError SSH_CONFIG_INVALID where it has none, and CanonicalizeFallbackLocal is off
 */
export function findCanonicalName(name: string, rules: CanonicalRules, find: FindName = findName): string {
  const { canonicalizeHostname: mode = 'no', canonicalizeMaxDots: maxDots = DEFAULT_MAX_DOTS } = rules;
  const isDirect = !rules.proxyCommand && (rules.proxyJump ?? []).length === 0;
  if (mode === 'no' || isIP(name) !== 0 || (!isDirect && mode !== 'always')) return name;
  const isWhole = name.endsWith('.');
  if (!isWhole && name.split('.').length - 1 > maxDots) return name;
  const names = isWhole ? [name] : listNames(name, rules.canonicalDomains ?? []);
  const found = find(names, FAMILIES[rules.addressFamily ?? 'any']);
  if (found !== null) return found.slice(0, -1);
  if (rules.canonicalizeFallbackLocal === false) throw invalid(`Could not resolve host "${name}"`);
  return name;
}

function listNames(name: string, domains: readonly string[]): readonly string[] {
  const end = domains.findIndex((domain) => domain.toLowerCase() === 'none');
  return domains.slice(0, end < 0 ? domains.length : end).map((domain) => `${name}.${domain}.`);
}

/** Looks up the names that stand behind the family, and prints the first that has an address. */
const PROGRAM = `
const { lookup } = require('node:dns').promises;
const [family, ...names] = process.argv.slice(1);
(async () => {
  for (const name of names) {
    const found = await lookup(name, { family: Number(family) }).catch(() => null);
    if (found !== null) return process.stdout.write(name);
  }
})();
`;

/** Files are read without waiting, which a lookup of Node cannot be done in: another process does it. */
function findName(names: readonly string[], family: 0 | 4 | 6): string | null {
  if (names.length === 0) return null;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { stdout } = spawnSync(process.execPath, ['-e', PROGRAM, '--', String(family), ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: userEnvironment(),
    encoding: 'utf8',
  });
  return stdout === '' ? null : stdout;
}
