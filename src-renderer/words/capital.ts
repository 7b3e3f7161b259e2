/** The beginning of a sentence, of words that stand within one elsewhere. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
