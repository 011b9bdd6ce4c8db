/** Text to bytes and back, as iconv-lite does it: by the name of a codec. */
export interface TextCodec {
  decode(bytes: Uint8Array, name: string, options?: { stripBOM: boolean }): string;
  encode(text: string, name: string, options?: { addBOM: boolean }): Uint8Array;
  getDecoder(name: string, options?: { stripBOM: boolean }): IconvDecoder;
  getEncoder(name: string, options?: { addBOM: boolean }): IconvEncoder;
}

/** What is used of iconv-lite. */
export interface Iconv extends TextCodec {
  /** Throws for a name that it does not know. */
  getCodec(name: string): unknown;
  /** Name to another name, or to what makes its codec. Null before the first codec. */
  readonly encodings: Readonly<Record<string, unknown>> | null;
}

/** iconv-lite's streaming decoder; the end may give nothing, in more than one way. */
export interface IconvDecoder {
  write(bytes: Uint8Array): string;
  end(): unknown;
}

/** iconv-lite's streaming encoder. */
export interface IconvEncoder {
  write(text: string): Uint8Array;
  end(): Uint8Array | undefined;
}

let loading: Promise<Iconv> | undefined;

/** iconv-lite, loaded at its first use: a daemon that only ever sees UTF-8 does without. */
export function loadIconv(): Promise<Iconv> {
  loading ??= import('iconv-lite').then((module) => module.default as unknown as Iconv);
  return loading;
}

/** What every encoding has that Node does not know. */
export interface IconvEncoding {
  readonly name: string;
  readonly codec: string;
  readonly iconv: TextCodec;
}
