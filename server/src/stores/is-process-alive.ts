/** Whether a process exists on this machine, of any user. Zombies count as alive. */
export function isProcessAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // The process exists, but this account may not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
