import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordReader, createRecordWriter, type RecordEvent } from '../../../src/files/records.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';

/** What a reader finds in these pieces, with neighbouring pieces of data joined. */
function readAll(pieces: readonly Uint8Array[]): readonly unknown[] {
  const reader = createRecordReader();
  const found: unknown[] = [];
  let data: Buffer[] = [];
  const flush = (): void => {
    if (data.length > 0) found.push(Buffer.concat(data).toString('hex'));
    data = [];
  };
  const take = (event: RecordEvent): void => {
    if (event.kind === 'data') data.push(Buffer.from(event.bytes));
    else {
      flush();
      found.push(event.value);
    }
  };
  for (const piece of pieces) {
    reader.push(piece);
    for (let event = reader.next(); event !== null; event = reader.next()) take(event);
  }
  flush();
  return reader.isWhole ? found : [...found, 'cut'];
}

function write(header: object | null, data?: Uint8Array): Buffer {
  const writer = createRecordWriter();
  writer.add(header, data);
  return Buffer.concat(writer.take());
}

describe('records of a file transfer', () => {
  // As a string of the unit `binary`, for which fast-check maps all characters first
  const character = fc.oneof(fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }));
  const name = fc.array(character, { maxLength: 20 }).map((codes) => String.fromCodePoint(...codes));
  const record = fc.record({
    header: fc.option(fc.record({ name })),
    data: fc.uint8Array({ maxLength: 600 }),
  });

  it('are read as they were written, however they are split', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 8 }),
        fc.array(fc.nat(64), { minLength: 1 }),
        (records, cuts) => {
          const writer = createRecordWriter();
          for (const { header, data } of records) writer.add(header, data);
          const bytes = Buffer.concat(writer.take());
          const pieces: Uint8Array[] = [];
          for (let at = 0, cut = 0; at < bytes.length; cut++) {
            const length = 1 + (cuts[cut % cuts.length] ?? 0);
            pieces.push(bytes.subarray(at, at + length));
            at += length;
          }
          expect(readAll(pieces)).toEqual(readAll([bytes]));
          const headers = readAll([bytes]).filter((each) => typeof each !== 'string');
          expect(headers).toEqual(records.map(({ header }) => header));
        },
      ),
    );
  });

  it('are read as they were written across blocks of memory', () => {
    const writer = createRecordWriter();
    const lengths = Array.from({ length: 100 }, (_, n) => (n * 7919) % 70_000);
    for (const [n, length] of lengths.entries()) writer.add({ n }, Buffer.alloc(length, n));
    const expected = lengths.flatMap((length, n) =>
      length === 0 ? [{ n }] : [{ n }, Buffer.alloc(length, n).toString('hex')],
    );
    expect(readAll(writer.take())).toEqual(expected);
  });

  it('keep names that are not UTF-8', () => {
    expect(readAll([write({ name: 'a\udcff\n' })])).toEqual([{ name: 'a\udcff\n' }]);
  });

  it.each<[string, Buffer]>([
    ['JSON longer than 64 KiB', Buffer.from('0001000100000000', 'hex')],
    ['data longer than 1 MiB', Buffer.from('0000000000100001', 'hex')],
    ['lengths of 4 GiB', Buffer.from('ffffffffffffffff', 'hex')],
    ['JSON that is none', Buffer.from('00000001000000007b', 'hex')],
  ])('with %s are refused', (_, bytes) => {
    expect(codeOf(() => readAll([bytes]))).toBe('FILES_PROTOCOL');
  });

  it('that are cut are not whole', () => {
    const bytes = write({ type: 'end' }, Buffer.from('data'));
    for (let length = 1; length < bytes.length; length++)
      expect(readAll([bytes.subarray(0, length)]).at(-1)).toBe('cut');
  });
});
