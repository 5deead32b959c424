/** A shop whose ledger fails when the test says so. */
import type { Component } from '../../src/component/definition.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { type FaultKind, type FaultyLedger, faultyLedger } from '../../src/testing/faulty-ledger.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'

/** A shop with a handle on the failures of its ledger. */
export type FaultyShop = Shop & {
  readonly faulty: FaultyLedger
  /** From now on nobody can be told what became of a write. */
  forgetWrites(forgets: boolean): void
}

/** Opens one. */
export async function openFaultyShop(
  components: readonly Component[],
  options: Omit<ShopOptions, 'wrap'> & {
    /** Makes a commit fail, those of the start included. */
    readonly failing?: { readonly nth: number; readonly kind: FaultKind }
  } = {},
): Promise<FaultyShop> {
  const { failing, ...rest } = options
  let faulty: FaultyLedger | undefined
  let forgets = false
  const wrap = (ledger: Ledger): Ledger => {
    faulty = faultyLedger(ledger)
    if (failing !== undefined) faulty.failAt(failing.nth, failing.kind)
    return {
      ...faulty,
      find: async (id) => {
        if (forgets) throw new Error('the ledger does not answer')
        return await ledger.find(id)
      },
    }
  }
  const shop = await openShop(components, { ...rest, wrap })
  if (faulty === undefined) throw new Error('the ledger was not wrapped')
  return {
    ...shop,
    faulty,
    forgetWrites: (on) => {
      forgets = on
    },
  }
}
