import { readKnownHosts } from '../../auth/known-hosts-file.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { loadConfig } from '../../client/config/load-config.ts';
import { resolveHostSettings } from '../../client/config/resolve-host-settings.ts';
import { searchKeys } from '../../client/tls/candidates.ts';
import { chooseAgent } from '../../client/tls/choose-agent.ts';
import { defaultKnownHosts } from '../../client/tls/host-trust.ts';
import { showText, writeJsonLine } from '../../protocol/show-text.ts';
import { readIdentities } from '../host/identities.ts';
import { print } from '../output/print.ts';
import type { KeysCall } from './call.ts';
import { listAuthorized } from './list-authorized.ts';
import { writeRows } from './write-rows.ts';

interface Listed {
  readonly knownHostsFile: string;
  readonly knownHosts: readonly {
    readonly address: string;
    readonly keyType: string | null;
    readonly fingerprint: string | null;
    readonly line: number;
  }[];
  readonly keys: readonly {
    readonly keyType: string;
    readonly fingerprint: string;
    readonly source: string;
    readonly comment: string;
    readonly isCertificate: boolean;
    readonly isLocked: boolean;
  }[];
}

/** `rexa keys list`. */
export async function listKeys(call: KeysCall): Promise<number> {
  if (call.values.authorized) return listAuthorized(call);
  const listed = await readAll(call);
  const text = call.values.json ? writeJsonLine({ v: 1, ...listed }) : writeText(listed);
  return print(text);
}

async function readAll({ values, messages }: KeysCall): Promise<Listed> {
  const knownHostsFile = defaultKnownHosts();
  const { hosts, problems } = await readKnownHosts(knownHostsFile);
  for (const problem of problems) messages.warn(problem.message);
  // What applies to a host without an entry
  const settings = resolveHostSettings(await loadConfig(values.config), 'any', { sshConfig: false });
  const identities = await searchKeys({
    files: (await readIdentities(values.i.length > 0 ? values.i : settings.identities)) ?? null,
    filesOnly: false,
    agent: chooseAgent(settings.agent),
    warn: (line) => messages.warn(line),
  }).findAll();
  return {
    knownHostsFile,
    knownHosts: hosts.map(({ address, key, line }) => ({
      address,
      keyType: key?.type ?? null,
      fingerprint: key === null ? null : fingerprint(key),
      line,
    })),
    keys: identities.map((identity) => ({
      keyType: identity.offered.key.type,
      fingerprint: fingerprint(identity.offered.key),
      source: identity.source,
      comment: identity.comment,
      isCertificate: identity.offered.certificate !== null,
      isLocked: identity.isLocked(),
    })),
  };
}

function writeText({ knownHostsFile, knownHosts, keys }: Listed): string {
  const hostRows = knownHosts.map((host) => [
    showText(host.address),
    host.keyType ?? 'invalid key',
    host.fingerprint ?? '',
  ]);
  const keyRows = keys.map((key) => [
    `${key.keyType}${key.isCertificate ? ' certificate' : ''}`,
    key.fingerprint,
    `${key.source}${key.isLocked ? ' (locked)' : ''}`,
    key.comment,
  ]);
  return [
    `known hosts, in ${showText(knownHostsFile)}:\n${writeRows(hostRows)}`,
    `keys to log in with:\n${writeRows(keyRows)}`,
  ].join('\n');
}
