/** The expectation about a state. */
import { type Place, plain, requireSame } from './compare.ts'

/** Values of some fields of a state. */
export type ExpectedState<State> = State extends object
  ? { readonly [Field in Exclude<keyof State, `$${string}`>]?: State[Field] | undefined }
  : never

/** Requires these values; fields that are not named are not compared. */
export function requireState(state: object, fields: object, place: Place): void {
  const named = Object.keys(fields)
  const actual = Object.fromEntries(named.map((name) => [name, plain(Reflect.get(state, name))]))
  const expected = Object.fromEntries(named.map((name) => [name, plain(Reflect.get(fields, name))]))
  requireSame(actual, expected, 'the state should be another one', place)
}
