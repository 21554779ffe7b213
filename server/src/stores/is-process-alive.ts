/**
 * Whether a process of this machine is there, whoever owns it. One that ended and was not yet
 * waited for counts as there.
 */
export function isProcessAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Not allowed to signal it means that it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
