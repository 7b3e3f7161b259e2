/** How turns may be written for a model without a chat template. */
export const plainFormNames = ['transcript', 'alpaca', 'lines'] as const
export type PlainFormName = (typeof plainFormNames)[number]
