/** Forms in which datasets go out to other programs. Plain data, safe to clone across any process border. */

export const datasetForms = ['trl', 'trl-conversational', 'kto', 'hh-rlhf', 'sharegpt', 'oasst'] as const

/**
 * TRL's, with texts where all are texts and messages where any is one; the same with messages throughout; TRL's for
 * KTO; Anthropic's transcripts; ShareGPT's, as LLaMA-Factory extends them; Open Assistant's trees of messages.
 */
export type DatasetForm = (typeof datasetForms)[number]

export const datasetContainers = ['jsonl', 'jsonl.gz', 'parquet'] as const

export type DatasetContainer = (typeof datasetContainers)[number]

/** Trees are as deep as they are, and a table is not. */
export const containersOf = (form: DatasetForm): readonly DatasetContainer[] =>
  form === 'oasst' ? ['jsonl', 'jsonl.gz'] : datasetContainers

export interface ExportedDataset {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}
