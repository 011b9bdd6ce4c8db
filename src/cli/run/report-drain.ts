import type { RemoteRun } from '../../client/run-types.ts';
import { formatDuration } from '../../command-line/duration.ts';
import type { Messages } from '../output/messages.ts';

/** Says that the daemon shuts down, as soon as it does: what runs has so long to end by itself. */
export function reportDrain(
  run: Pick<RemoteRun<unknown>, 'onDraining'>,
  { address }: { readonly address: string },
  messages: Messages,
): void {
  run.onDraining((leftMs) => {
    const left = formatDuration(leftMs);
    messages.warn(`the daemon on ${address} is shutting down: commands are ended in ${left}, jobs continue`);
  });
}
