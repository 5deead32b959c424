/**
 * Tests that run twice: against the embedded coordinator, and against one that is served over gRPC
 * with its components elsewhere. The body is the same; `openShop` sees where it runs. Files import
 * `twice as test`, so that `test` is what runs in both places and `it` what runs in process only.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'

/** How the components of a served coordinator are reached. */
export type Reach = 'by session' | 'by address'

/** Where a test runs. */
export type TestPlace =
  { readonly kind: 'in process' } | { readonly kind: 'over gRPC'; readonly reach: Reach }

const place = new AsyncLocalStorage<TestPlace>()

/** Where the running test runs: in process, unless it was told otherwise. */
export function placeOfTest(): TestPlace {
  return place.getStore() ?? { kind: 'in process' }
}

/** Opens something in process, wherever the test runs: a process that is to die, for one. */
export function inProcess<T>(open: () => T): T {
  return place.run({ kind: 'in process' }, open)
}

/**
 * Runs a test in both places. Its title says where, before the facts that it cites. Over gRPC the
 * components dial sessions.
 */
export function twice(title: string, body: () => void | Promise<void>): void {
  inBothPlaces(title, body, 'by session')
}

/** The same, with components that are served at addresses of their own (unary services). */
export function twiceByAddress(title: string, body: () => void | Promise<void>): void {
  inBothPlaces(title, body, 'by address')
}

function inBothPlaces(title: string, body: () => void | Promise<void>, reach: Reach): void {
  const places: readonly TestPlace[] = [{ kind: 'in process' }, { kind: 'over gRPC', reach }]
  for (const one of places) {
    void test(titleIn(title, one), () => place.run(one, async () => await body()))
  }
}

function titleIn(title: string, { kind }: TestPlace): string {
  const cited = /(?:\s*\[[^\]]*\])*\s*$/.exec(title)?.index ?? title.length
  return `${title.slice(0, cited)} [${kind}]${title.slice(cited)}`
}
