/** Whoever asks over one wire: compared with others, never looked into. */
export type Asker = symbol
