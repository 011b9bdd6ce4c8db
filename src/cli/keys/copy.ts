import * as v from 'valibot';
import { flattenComment } from '../../auth/authorize-line.ts';
import { fingerprint, formatPublicKey, type PublicKey } from '../../auth/public-key.ts';
import type { OpenHost } from '../../client/host.ts';
import { readHostName } from '../../client/host-name.ts';
import { searchKeys } from '../../client/tls/candidates.ts';
import { chooseAgent } from '../../client/tls/choose-agent.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showText } from '../../protocol/show-text.ts';
import { openGreeted } from '../host/with-host.ts';
import { print } from '../output/print.ts';
import type { KeysCall } from './call.ts';
import { readPublicKeys } from './read-public-keys.ts';

/** What is read of the lines of `rexa keys list --authorized --json`. */
const listSchema = v.object({
  authorized: v.array(
    v.object({
      fingerprint: v.nullable(v.string()),
      isAuthority: v.boolean(),
      problem: v.nullable(v.string()),
    }),
  ),
});

/** A public key, and the comment behind it. */
interface CopiedKey {
  readonly key: PublicKey;
  readonly comment: string;
}

/**
 * `rexa keys copy`: authorizes public keys at a host, like ssh-copy-id: those of a file, or all of one's own. Keys that may
 * log in there already are left as they are.
 */
export async function copyKeys(call: KeysCall): Promise<number> {
  const { values, words, messages } = call;
  const [called, from] = words;
  if (called === undefined) throw usageError('a HOST is missing: rexa keys copy HOST [FILE | -]');
  const keys = withoutRepeats(from === undefined ? await listOwnKeys(call) : await readPublicKeys(from));
  if (keys.length === 0)
    throw usageError(
      from === undefined ? 'there is no key to copy; name the file of one' : `no key in ${from}`,
    );
  await using host = await openGreeted(readHostName(called), values, messages);
  const known = await listAuthorized(host);
  const added = keys.filter(({ key }) => !known.has(fingerprint(key)));
  if (added.length > 0) await callThere(host, ['authorize', '-'], added.map(writeLine).join(''));
  const text = keys
    .map(({ key }) => {
      const what = known.has(fingerprint(key)) ? 'may log in already' : 'added';
      return `${fingerprint(key)} ${what} at ${showText(called)}\n`;
    })
    .join('');
  return await print(text);
}

/** The keys of the agent and of the usual files. A certificate is for hosts that trust its authority, and is not copied. */
async function listOwnKeys({ messages }: KeysCall): Promise<readonly CopiedKey[]> {
  const identities = await searchKeys({
    files: null,
    filesOnly: undefined,
    agent: chooseAgent(undefined),
    warn: (line) => messages.warn(line),
  }).findAll();
  return identities
    .filter(({ offered }) => offered.certificate === null)
    .map(({ offered, comment }) => ({ key: offered.key, comment }));
}

/** Returns the first of each key: the host refuses one that is given twice. */
function withoutRepeats(keys: readonly CopiedKey[]): readonly CopiedKey[] {
  const byFingerprint = new Map(keys.toReversed().map((each) => [fingerprint(each.key), each] as const));
  return keys.filter((each) => byFingerprint.get(fingerprint(each.key)) === each);
}

/** Formats a key as one line, whatever its comment contains: a newline in it would begin another key. */
function writeLine({ key, comment }: CopiedKey): string {
  return `${formatPublicKey(key, flattenComment(comment))}\n`;
}

/** The fingerprints of the keys that may log in at the host. */
async function listAuthorized(host: OpenHost): Promise<ReadonlySet<string | null>> {
  const text = await callThere(host, ['list', '--authorized', '--json'], '');
  const list = v.safeParse(v.pipe(v.string(), v.parseJson(), listSchema), text);
  if (!list.success) throw new RexaError('KEYS_NOT_COPIED', ['its rexa lists keys in another form']);
  const usable = list.output.authorized.filter(
    ({ problem, isAuthority }) => problem === null && !isAuthority,
  );
  return new Set(usable.map((line) => line.fingerprint));
}

/** Runs `rexa keys` at the host, which knows the files that its daemon reads. @throws RexaError KEYS_NOT_COPIED */
async function callThere(host: OpenHost, words: readonly string[], input: string): Promise<string> {
  const result = await host.run('rexa', ['keys', ...words], { input, reject: false });
  if (result.exitCode === 0) return result.stdout;
  const said = result.stderr.trim();
  throw new RexaError('KEYS_NOT_COPIED', [said === '' ? (result.reason ?? result.outcome) : said]);
}
