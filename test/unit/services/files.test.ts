import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TransferAct } from '../../../src/files/transfer-end.ts';
import { type AuditedEntry, createFileRecord } from '../../../src/services/files/file-record.ts';
import { MAX_AUDIT_FIELD_BYTES, MAX_AUDITED_NAMES } from '../../../src/services/limits.ts';

const SHA256 = '0'.repeat(64);

function record(acts: readonly TransferAct[]) {
  const lines: (readonly AuditedEntry[])[] = [];
  const recorded = createFileRecord((entries) => lines.push(entries));
  for (const act of acts) recorded.add(act);
  recorded.flush();
  return { lines, totals: recorded.totals };
}

describe('the record of a transfer for the audit', () => {
  it('names every file whose content was read or written, in lines that are not cut', () => {
    const acts = Array.from({ length: 3 * MAX_AUDITED_NAMES }, (_, n): TransferAct => {
      const path = `/srv/${(n % 2 === 0 ? '\u20ac' : '\\"').repeat(n % 100)}${n}`;
      return n % 3 === 0
        ? { kind: 'partial', path, size: n }
        : { kind: 'file', path, size: n, sha256: SHA256 };
    });
    const { lines, totals } = record(acts);
    expect(lines.flat()).toEqual(acts);
    for (const line of lines)
      expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThanOrEqual(MAX_AUDIT_FIELD_BYTES);
    expect(totals).toMatchObject({ files: 2 * MAX_AUDITED_NAMES, others: { partial: MAX_AUDITED_NAMES } });
  });

  it.each(['folder', 'deleted', 'hardlink', 'attributes'] as const)(
    'counts and hashes what is of the kind %s beyond the first ones',
    (kind) => {
      const acts = Array.from({ length: MAX_AUDITED_NAMES + 3 }, (_, n) => ({ kind, path: `/srv/${n}` }));
      const rest = [0, 1, 2].map((n) => `/srv/${MAX_AUDITED_NAMES + n}\0`).join('');
      const { lines, totals } = record([...acts, { kind: 'link', path: '/srv/l', target: '../x' }]);
      expect(lines.flat()).toEqual([
        ...acts.slice(0, MAX_AUDITED_NAMES),
        { kind: 'link', path: '/srv/l', target: '../x' },
        { kind, count: 3, sha256: createHash('sha256').update(rest).digest('hex') },
      ]);
      expect(totals).toEqual({ files: 0, bytes: 0, others: { [kind]: MAX_AUDITED_NAMES + 3, link: 1 } });
    },
  );
});
