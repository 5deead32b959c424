/** Says what must be so. A failure is a mistake of this library, not of its user. */

/** @throws Error when the condition does not hold */
export function invariant(condition: boolean, what: string): asserts condition {
  if (condition === false) throw new Error(`this cannot be: ${what}`)
}
