import { removeAuthorizedKey } from '../../auth/authorize-line.ts';
import { parsePin } from '../../auth/pin.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { sshAuthorizedKeys } from '../../places/login-files.ts';
import { showText } from '../../protocol/show-text.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import { print } from '../output/print.ts';
import type { KeysCall } from './call.ts';
import { chooseFile, describeReader, findLoginFiles } from './login-files.ts';
import { readElsewhere } from './other-lines.ts';
import { readPublicKeys } from './read-public-keys.ts';

/** `rexa keys revoke`: takes the lines of a key out of a file, and says where else it is let in. */
export async function revokeKeys({ values, words, messages }: KeysCall): Promise<number> {
  const [what] = words;
  if (what === undefined) throw usageError('a key is missing: rexa keys revoke FINGERPRINT, or FILE, or -');
  const wanted = new Set(await readFingerprints(what));
  if (wanted.size === 0) throw usageError(`no key in ${what === '-' ? 'stdin' : quoteWord(what)}`);
  const login = await findLoginFiles(values['daemon-config']);
  const { file, others } = chooseFile(login, values.file);
  const findElsewhere = await readElsewhere(others);
  const gone = await removeAuthorizedKey(file, homeFolder(), (key) => wanted.has(fingerprint(key)));
  const removed = new Set(gone.map(fingerprint));
  let status = 0;
  for (const each of removed) {
    const reader = describeReader(file, login);
    const text = `removed ${each} from ${showText(file)}, ${reader}; its open connections stay open\n`;
    const printed = await print(text);
    if (printed !== 0) return printed;
  }
  for (const each of wanted) {
    const elsewhere = findElsewhere(each);
    for (const { where } of elsewhere) messages.fail(`${where} still allows the key ${each}`);
    for (const other of new Set(elsewhere.map((found) => found.file)))
      messages.fail(`rexa keys revoke --file ${other} ${each} removes it there${forSshd(other)}`);
    if (elsewhere.length === 0 && removed.has(each)) continue;
    if (elsewhere.length === 0)
      messages.fail(`${file} does not contain the key ${each}; 'rexa keys list --authorized' shows its keys`);
    status = EXIT_REXA_FAILED;
  }
  return status;
}

function forSshd(file: string): string {
  return file === sshAuthorizedKeys() ? ', also for sshd' : '';
}

async function readFingerprints(what: string): Promise<readonly string[]> {
  if (what.startsWith('SHA256:')) return [parsePin(what)];
  return (await readPublicKeys(what)).map(({ key }) => fingerprint(key));
}
