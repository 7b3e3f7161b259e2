/** Forms in which datasets go out to other programs. Plain data, safe to clone across any process border. */

export const datasetForms = ['trl', 'trl-conversational', 'kto', 'hh-rlhf', 'sharegpt'] as const

/**
 * TRL's, with texts where all are texts and messages where any is one; the same with messages throughout; TRL's for
 * KTO; Anthropic's transcripts; ShareGPT's, as LLaMA-Factory extends them.
 */
export type DatasetForm = (typeof datasetForms)[number]

export const datasetContainers = ['jsonl', 'parquet'] as const

export type DatasetContainer = (typeof datasetContainers)[number]

export interface ExportedDataset {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}
