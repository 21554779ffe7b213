/** What one step of a pass through a database removed, and where the next one begins. */
export interface Purged {
  readonly removed: number;
  /** Where the next call goes on; `null` if nothing is left to look at. */
  readonly next: string | null;
}
