/** What is known of a metric. */
export interface Metric {
  readonly label: string
  readonly unit: string
  readonly better: 'higher' | 'lower' | 'neither'
  readonly doc: string
}
