import type { TextCodec } from './iconv.ts';

/** Pairs of bytes, by their first byte. */
type PairSet = Uint8Array;

/** A codec of iconv-lite has more than the charset of this name. */
export interface Restriction {
  readonly codec: string;
  /** What the charset lacks: `first bytes:second bytes`, each a list of bytes and ranges. */
  readonly lacks: string;
  /** Characters for which iconv-lite prefers a code that the charset lacks, and the charset's own code. */
  readonly codes?: Readonly<Record<string, number>>;
}

const ALL = '00-ff';
/** iconv-lite has the tilde of JIS X 0212 for it. */
const EUC_JP_CODES = { '\uFF5E': 0xa1c1 };

/**
 * By the charset's name. iconv-lite follows WHATWG, whose tables are supersets: cp949 for EUC-KR, cp932 for Shift_JIS. The
 * host's shells and terminals go by the tables of the C library, which the tests compare these with.
 */
export const RESTRICTIONS: Readonly<Record<string, Restriction>> = {
  euckr: { codec: 'cp949', lacks: `81-a0:${ALL} a1-fe:00-a0` },
  gb2312: {
    codec: 'cp936',
    lacks: `81-a0:${ALL} a1-fe:00-a0 a2:a1-aa a6:e0-f5 a8:bb-c0 a9:96`,
  },
  gbk: {
    codec: 'gbk',
    lacks:
      'a1-a7:40-a0 a2:ab-b0,e3-e4,ef-f0,fd-fe a4:f4-fe a5:f7-fe a6:b9-c0,d9-df,ec-ed,f3,f6-fe a7:c2-d0,f2-fe ' +
      `a8:96-a0,bc,bf,c1-c4,ea-fe a9:58,5b,5d-5f,89-95,97-a3,f0-fe aa-af:a1-fe d7:fa-fe f8-fd:a1-fe fe:50-fe`,
  },
  big5: { codec: 'big5hkscs', lacks: `81-a0:${ALL} a3:c0-e0 fa-fe:${ALL}` },
  big5hkscs: {
    codec: 'big5hkscs',
    lacks: 'a1:5a,c3,c5,fe a2:40 a3:c0-e1',
    codes: {
      隶: 0x90c4,
      猪: 0x9975,
      嘅: 0x9def,
      廐: 0x9dfb,
      悤: 0xa0dc,
      仝: 0xc969,
      廴: 0xfbfd,
      无: 0xfcd3,
      癶: 0xfec1,
    },
  },
  shiftjis: { codec: 'shiftjis', lacks: `87:${ALL} ed-fc:${ALL}` },
  eucjp: { codec: 'eucjp', lacks: `ad:${ALL} f9-fe:${ALL}`, codes: EUC_JP_CODES },
  cp51932: { codec: 'eucjp', lacks: '', codes: EUC_JP_CODES },
};

/** Stands for what the charset lacks, as with iconv-lite. */
const SUBSTITUTE = '?';

/** Returns iconv-lite with an `encode` that writes a question mark for what the charset lacks, and reads all that it did. */
export function restrictCodec(iconv: TextCodec, { codec, lacks, codes = {} }: Restriction): TextCodec {
  const lacking = readPairs(lacks);
  const isPrefixed = codec === 'eucjp';

  function isWithin(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at++) {
      const first = bytes[at] as number;
      if (first < 0x80 || isSingle(first)) continue;
      // EUC-JP's third set has a prefix, and then a pair of its own
      if (isPrefixed && first === 0x8f) at += 2;
      else if (lacking[(first << 8) | (bytes[++at] ?? 0)] === 1) return false;
    }
    return true;
  }

  function isSingle(first: number): boolean {
    return first === 0x80 || first === 0xff || (codec === 'shiftjis' && first >= 0xa0 && first <= 0xdf);
  }

  const own = new Map(
    Object.entries(codes).map(([character, code]) => [character, Buffer.of(code >> 8, code & 0xff)]),
  );

  function encodeCharacter(character: string): Uint8Array {
    const bytes = own.get(character) ?? iconv.encode(character, codec);
    return isWithin(bytes) ? bytes : Buffer.from(SUBSTITUTE);
  }

  function encode(text: string): Uint8Array {
    const bytes = iconv.encode(text, codec);
    if (isWithin(bytes) && (own.size === 0 || ![...text].some((character) => own.has(character))))
      return bytes;
    return Buffer.concat(Array.from(text, encodeCharacter));
  }

  return {
    decode: (bytes, _name, options) => iconv.decode(bytes, codec, options),
    encode,
    getDecoder: (_name, options) => iconv.getDecoder(codec, options),
    getEncoder: () => ({ write: encode, end: () => undefined }),
  };
}

function readPairs(blocks: string): PairSet {
  const pairs = new Uint8Array(0x10000);
  for (const block of blocks.match(/\S+/g) ?? []) {
    const [firsts = '', seconds = ''] = block.split(':');
    for (const first of readBytes(firsts))
      for (const second of readBytes(seconds)) pairs[(first << 8) | second] = 1;
  }
  return pairs;
}

/** `a1-a3,c0` */
function readBytes(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map((text) => Number.parseInt(text, 16));
    return Array.from({ length: to - from + 1 }, (_, step) => from + step);
  });
}
