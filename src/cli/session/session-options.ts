import type { OptionValues } from '../../command-line/option-table.ts';
import { usageError } from '../../command-line/usage-error.ts';
import type { RecordOptions, SessionOptions } from '../../services/sessions/client-types.ts';
import type { IN_SESSION_OPTIONS } from '../tables/session.ts';

type Values = OptionValues<typeof IN_SESSION_OPTIONS>;

/** Reads what opens a terminal in a session; null: it is opened in none. @throws RexaError USAGE */
export function readInSession(values: Values): SessionOptions | null {
  const record = readRecord(values);
  if (values.session !== undefined) return { name: values.session, ...record };
  if ('record' in record) throw usageError('--record needs --session');
  return null;
}

/** Reads how a session is recorded. @throws RexaError USAGE */
export function readRecord({ record: file, 'record-input': input }: Omit<Values, 'session'>): {
  readonly record?: RecordOptions;
} {
  if (input && file === undefined) throw usageError('--record-input needs --record');
  return file === undefined ? {} : { record: { input, ...(file === 'auto' ? {} : { file }) } };
}
