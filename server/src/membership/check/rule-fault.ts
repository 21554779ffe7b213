/** How the code that reads a rule stops at the first fault. Only this room sees the error. */
import type { RuleFault } from '../../domain/rule/rule-problem.ts';

class RuleFaultError extends Error {
  override readonly name = 'RuleFaultError';
  readonly fault: RuleFault;

  constructor(fault: RuleFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/** Stops reading the rule. */
export function refuse(at: number, reason: string, suggestion?: string): never {
  throw new RuleFaultError({ at, reason, suggestion });
}

/** A name in quotes, for messages. */
export function shortName(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

/** What `read` returns, or the fault that stopped it. */
export function faultOf<Result extends object>(
  read: () => Result,
): Result | { readonly fault: RuleFault } {
  try {
    return read();
  } catch (error) {
    if (error instanceof RuleFaultError) return { fault: error.fault };
    throw error;
  }
}
