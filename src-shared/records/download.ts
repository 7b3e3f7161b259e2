/** Files on their way from a hub to this disk. Plain data, safe to clone across any process border. */
export interface HubDownload {
  /** The file under way. */
  readonly file: string
  /** Of all that are fetched. */
  readonly bytes: number
  readonly bytesTotal: number
}
