import type { OutputFilter } from '../../process/conduct/filters.ts';

/** A decoder that puts a line of text where output is missing. */
export interface MarkingFilter extends OutputFilter {
  /** @param at bytes of the stream that come before it; those have not all been written here yet */
  addGap(at: number, bytes: number): void;
}

/** @param isText whether a line may stand in it: bytes that were asked for as they are get none */
export function markGaps(decoder: OutputFilter, isText: boolean): MarkingFilter {
  const gaps: { readonly at: number; readonly bytes: number }[] = [];
  let passed = 0;

  function takeMarks(): Uint8Array[] {
    const marks: Uint8Array[] = [];
    while (gaps[0] !== undefined && gaps[0].at <= passed) {
      const { bytes } = gaps.shift() ?? { bytes: 0 };
      if (isText) marks.push(Buffer.from(`\n[rexa: ${bytes} bytes are missing here]\n`));
    }
    return marks;
  }

  return {
    addGap: (at, bytes) => void gaps.push({ at, bytes }),
    write(chunk) {
      if (gaps.length === 0) {
        passed += chunk.length;
        return decoder.write(chunk);
      }
      const parts: Uint8Array[] = [];
      for (let rest = chunk; rest.length > 0; ) {
        parts.push(...takeMarks());
        const room = (gaps[0]?.at ?? Number.POSITIVE_INFINITY) - passed;
        const piece = rest.subarray(0, room);
        passed += piece.length;
        parts.push(decoder.write(piece));
        rest = rest.subarray(piece.length);
      }
      return Buffer.concat(parts);
    },
    end: () => Buffer.concat([decoder.end(), ...takeMarks()]),
    get holdMs() {
      return decoder.holdMs;
    },
    flush: () => decoder.flush(),
    receipt: () => decoder.receipt(),
  };
}
