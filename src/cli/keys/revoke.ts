import path from 'node:path';
import { removeAuthorizedKey } from '../../auth/authorize-line.ts';
import { parsePin } from '../../auth/pin.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { expandHome } from '../../client/config/resolve-host-settings.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { ownAuthorizedKeys, sshAuthorizedKeys } from '../../places/login-files.ts';
import { showText } from '../../protocol/show-text.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { writeStandardOutput } from '../output/standard-output.ts';
import type { KeysCall } from './call.ts';
import { findInSshFile } from './other-lines.ts';
import { readPublicKeys } from './read-public-keys.ts';

/** `rexa keys revoke`: takes the lines of a key out of a file, and says where else it is let in. */
export async function revokeKeys({ values, words, messages }: KeysCall): Promise<number> {
  const [what] = words;
  if (what === undefined) throw usageError('a key is missing: rexa keys revoke FINGERPRINT, or FILE, or -');
  const wanted = new Set(await readFingerprints(what));
  if (wanted.size === 0) throw usageError(`no key in ${what === '-' ? 'stdin' : quoteWord(what)}`);
  const file = path.resolve(expandHome(values.file ?? ownAuthorizedKeys()));
  const gone = await removeAuthorizedKey(file, homeFolder(), (key) => wanted.has(fingerprint(key)));
  const removed = new Set(gone.map(fingerprint));
  let status = 0;
  for (const each of removed) {
    const text = `removed ${each} from ${showText(file)}; its open connections stay open\n`;
    if (!(await writeStandardOutput(text))) return EXIT_STDOUT_CLOSED;
  }
  for (const each of wanted) {
    const elsewhere = values.file === undefined ? await findInSshFile(each) : [];
    for (const where of elsewhere) messages.fail(`${where} still allows the key ${each}`);
    if (elsewhere.length === 0 && removed.has(each)) continue;
    if (elsewhere.length > 0)
      messages.fail(`rexa keys revoke --file ${sshAuthorizedKeys()} ${each} removes it there, also for sshd`);
    else
      messages.fail(`${file} does not contain the key ${each}; 'rexa keys list --authorized' shows its keys`);
    status = EXIT_REXA_FAILED;
  }
  return status;
}

async function readFingerprints(what: string): Promise<readonly string[]> {
  if (what.startsWith('SHA256:')) return [parsePin(what)];
  return (await readPublicKeys(what)).map(({ key }) => fingerprint(key));
}
