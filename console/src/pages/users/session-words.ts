/** What happens to the sessions of a user who is reset or revoked. */
export function sessionWords(count: number): string {
  if (count === 0) return 'The user has no session at the moment.';
  return count === 1 ? '1 session ends at once.' : `${count} sessions end at once.`;
}
