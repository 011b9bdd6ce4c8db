import { formatDuration } from '../../command-line/duration.ts';
import type { RemoteRun } from '../run-types.ts';
import type { Messages } from './messages.ts';

/** Says that the daemon shuts down, as soon as it does: what runs has so long to end by itself. */
export function tellDrain(
  run: Pick<RemoteRun<unknown>, 'onDraining'>,
  { address }: { readonly address: string },
  messages: Messages,
): void {
  run.onDraining((leftMs) => {
    const left = formatDuration(leftMs);
    messages.warn(`the daemon on ${address} is shutting down: commands are ended in ${left}, jobs go on`);
  });
}
