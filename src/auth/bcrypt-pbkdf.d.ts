/** Types for the package, which has none. */
declare module 'bcrypt-pbkdf' {
  const bcrypt: {
    /** Fills `key`; returns 0 on success, -1 for lengths or rounds out of range. */
    pbkdf(
      passphrase: Uint8Array,
      passphraseBytes: number,
      salt: Uint8Array,
      saltBytes: number,
      key: Uint8Array,
      keyBytes: number,
      rounds: number,
    ): number;
  };
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS, whose exports are one object
  export default bcrypt;
}
