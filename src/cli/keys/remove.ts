import { removeKnownHost } from '../../auth/known-hosts-file.ts';
import { defaultKnownHosts } from '../../client/tls/host-trust.ts';
import { showText } from '../../protocol/show-text.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import { print } from '../output/print.ts';
import type { KeysCall } from './call.ts';
import { readCalledHost } from './called-host.ts';

/** `rexa keys remove`: forgets a host with all its keys. */
export async function removeHostKeys(call: KeysCall): Promise<number> {
  const { known } = await readCalledHost(call, 'remove');
  const count = await removeKnownHost(defaultKnownHosts(), known);
  if (count === 0) {
    call.messages.fail(`${known} is not in ${defaultKnownHosts()}`);
    return EXIT_REXA_FAILED;
  }
  const text = `${showText(known)}: removed ${count === 1 ? '1 key' : `${count} keys`} from known_hosts\n`;
  return print(text);
}
