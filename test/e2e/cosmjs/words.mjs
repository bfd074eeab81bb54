// words.mjs: the mnemonic of BIP-39's first test vector: known to everybody, owns nothing anywhere.
export const words = "abandon ".repeat(11) + "about";
