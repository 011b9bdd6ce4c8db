import * as v from 'valibot';

/**
 * Like `v.record`, for untrusted keys. Valibot silently drops `__proto__`, `prototype` and `constructor`; here they are
 * ordinary keys and become own properties. Arrays are refused.
 */
export function recordOf<
  Key extends v.GenericSchema<string, string>,
  Value extends v.GenericSchema,
  Message extends v.ErrorMessage<v.RecordIssue> | undefined,
>(key: Key, value: Value, message: Message): v.RecordSchema<Key, Value, Message> {
  const record = v.record(key, value, message);
  const entries = v.map(key, value);
  const run: (typeof record)['~run'] = (dataset, config) => {
    const input = dataset.value;
    if (!isRecord(input)) {
      const label: Parameters<typeof v._addIssue>[0] = record as never;
      v._addIssue(label, 'type', dataset, config);
      return dataset as unknown as ReturnType<typeof run>;
    }
    const read = entries['~run']({ value: new Map(Object.entries(input)) }, config);
    const found: unknown = read.value;
    const output = found instanceof Map ? Object.fromEntries(found as ReadonlyMap<string, unknown>) : found;
    return { ...read, value: output } as ReturnType<typeof run>;
  };
  return { ...record, '~run': run };
}

function isRecord(input: unknown): input is object {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
