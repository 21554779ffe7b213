/** A check for `assert.rejects`: the error has this code, and its message matches the words. */
import assert from 'node:assert/strict';
import { UsherError } from '../../src/domain/errors.ts';

export function refusal(words: RegExp, code = 'definition_invalid'): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof UsherError, String(error));
    assert.match(error.detail, words);
    assert.equal(error.code, code);
    return true;
  };
}
