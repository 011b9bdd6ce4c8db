import type { AskedHost } from '../../client/asked-host.ts';
import type { Word } from '../../protocol/word.ts';

/** A host, as the half of this service that asks knows it. */
export interface AskedFilesHost extends AskedHost {
  /** Where relative paths start. Absent: in the home folder of the daemon's user. */
  readonly folder?: Word;
}
