/**
 * A rule: whether all of its clauses are true, found once for each record. Written out for one to
 * three clauses, because each call of a function takes longer than most clauses.
 */
import type { Condition } from './compile-context.ts';
import type { Evaluation } from './evaluation.ts';

/** @param memo where the truth is kept for the record */
export function onceAll(clauses: readonly Condition[], memo: number): Condition {
  const [first, second, third] = clauses;
  if (first !== undefined && clauses.length === 1) {
    return (evaluation) => {
      const passed = (evaluation.stamps[memo] as number) - evaluation.stamp;
      return passed >= 0 ? passed === 1 : keep(evaluation, memo, first(evaluation));
    };
  }
  if (first !== undefined && second !== undefined && clauses.length === 2) {
    return (evaluation) => {
      const passed = (evaluation.stamps[memo] as number) - evaluation.stamp;
      if (passed >= 0) return passed === 1;
      return keep(evaluation, memo, first(evaluation) && second(evaluation));
    };
  }
  if (first !== undefined && second !== undefined && third !== undefined && clauses.length === 3) {
    return (evaluation) => {
      const passed = (evaluation.stamps[memo] as number) - evaluation.stamp;
      if (passed >= 0) return passed === 1;
      return keep(evaluation, memo, first(evaluation) && second(evaluation) && third(evaluation));
    };
  }
  return (evaluation) => {
    const passed = (evaluation.stamps[memo] as number) - evaluation.stamp;
    if (passed >= 0) return passed === 1;
    return keep(evaluation, memo, areAllTrue(clauses, evaluation));
  };
}

function keep(evaluation: Evaluation, memo: number, isTrue: boolean): boolean {
  evaluation.stamps[memo] = isTrue ? evaluation.stamp + 1 : evaluation.stamp;
  return isTrue;
}

function areAllTrue(clauses: readonly Condition[], evaluation: Evaluation): boolean {
  for (const clause of clauses) if (!clause(evaluation)) return false;
  return true;
}
